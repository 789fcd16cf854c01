// Who does what among processes that share nothing but a file system: a claim is a symbolic link that its owner made, which
// either was there before or was not, with its whole text. Claims of one name are numbered; the highest number counts. Whoever
// finds that the holder is gone makes the next one, and of two that try, one succeeds. Nothing is ever renamed or
// replaced, so that nobody can push a living holder out by accident.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, isSameInode, Stat } from "../../fs/index.ts";

/** A claim that is, or was, ours. */
export interface Claim {
  readonly name: ByteString;
  /** How often it has changed hands. */
  readonly turn: number;
  readonly inode: Pick<Stat, "devMajor" | "devMinor" | "inoHigh" | "inoLow">;
}

/** Whoever has it, as the claim says. */
export interface Holder {
  readonly turn: number;
  readonly owner: ByteString;
  /** Bytes a second that the owner expected to bring. */
  readonly rate: number;
}

/** What became of an attempt. */
export type Attempt =
  | { readonly kind: "taken"; readonly claim: Claim }
  | { readonly kind: "held"; readonly holder: Holder };

/** The text of a claim: two words. Owners have no spaces. */
const textForm = /^(\S{1,255}) (\d{1,15})$/;
const stat = new Stat();

/** The claims of one directory, for one owner. */
export class Claims {
  readonly #fs: FileSystem;
  readonly #dir: DirHandle;
  readonly #owner: ByteString;
  /** Turns that are known to have been, where there was more than one. */
  readonly #turns = new Map<ByteString, number>();

  constructor(fs: FileSystem, dir: DirHandle, owner: ByteString) {
    this.#fs = fs;
    this.#dir = dir;
    this.#owner = owner;
  }

  /** Takes what nobody has, or what somebody has of whom `mayTakeOver` says so. Throws FsError. */
  take(name: ByteString, rate: number, mayTakeOver: (holder: Holder) => boolean): Attempt {
    const text = `${this.#owner} ${Math.max(0, Math.round(rate))}`;
    for (;;) {
      const holder = this.holder(name);
      if (holder !== undefined && !mayTakeOver(holder)) return { kind: "held", holder };
      const turn = holder === undefined ? 0 : holder.turn + 1;
      if (turn > 0) this.#turns.set(name, turn);
      try {
        this.#fs.makeSymlink(this.#dir, nameOf(name, turn), text);
      } catch (error) {
        if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
        continue;
      }
      const inode = new Stat();
      // Whoever tidies up may have been faster: then nothing of this name is wanted, and holds() says so.
      this.#fs.stat(this.#dir, nameOf(name, turn), inode);
      return { kind: "taken", claim: { name, turn, inode } };
    }
  }

  /** Says who has it. Throws FsError. */
  holder(name: ByteString): Holder | undefined {
    let turn = this.#turns.get(name) ?? 0;
    let holder = this.#read(name, turn);
    if (holder === undefined) {
      this.#turns.delete(name);
      if (turn === 0) return undefined;
      turn = 0;
      holder = this.#read(name, turn);
    }
    for (;;) {
      const next = holder && this.#read(name, turn + 1);
      if (next === undefined) return holder;
      holder = next;
      this.#turns.set(name, ++turn);
    }
  }

  /** Says whether a claim is still there, as it was made, and nobody has taken over. Throws FsError. */
  holds({ name, turn, inode }: Claim): boolean {
    const isThere = this.#fs.stat(this.#dir, nameOf(name, turn), stat);
    if (!isThere || !isSameInode(stat, inode)) return false;
    return !this.#fs.stat(this.#dir, nameOf(name, turn + 1), stat);
  }

  /** Removes all claims of a name: what it was about is over. Throws FsError. */
  clear(name: ByteString): void {
    for (let turn = this.holder(name)?.turn ?? -1; turn >= 0; turn--) {
      try {
        this.#fs.unlink(this.#dir, nameOf(name, turn));
      } catch (error) {
        if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
      }
    }
    this.#turns.delete(name);
  }

  #read(name: ByteString, turn: number): Holder | undefined {
    let text: ByteString;
    try {
      text = this.#fs.readLink(this.#dir, nameOf(name, turn));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code === "ENOENT") return undefined;
      // Something else of that name: nobody's.
      if (error.code === "EINVAL") return { turn, owner: "", rate: 0 };
      throw error;
    }
    const [, owner = "", rate = "0"] = textForm.exec(text) ?? [];
    return { turn, owner, rate: Number(rate) };
  }
}

function nameOf(name: ByteString, turn: number): ByteString {
  return `${name}.${turn}`;
}
