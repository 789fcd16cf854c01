// A large file of which a lane asks for one piece after the other: all of it is ordered at the first piece, and each piece is
// given when it is there.

import type { ListedEntry } from "../../source/index.ts";
import type { PartStore, Pulls, WantedFile } from "./part-store.ts";

/** Who waits for which bytes. */
interface Waiting {
  readonly from: number;
  readonly to: number;
  readonly then: (bytes: Uint8Array | undefined) => void;
}

/** What it is pulled with. */
export interface LargeFileGround {
  readonly puller: Pulls;
  readonly lost: (why: string) => void;
  /** Gives memory for bytes that somebody waits for. */
  readonly room: (length: number) => Uint8Array;
}

/** Such a file. */
export class LargeFile {
  readonly #entry: ListedEntry;
  readonly #part: PartStore;
  readonly #room: LargeFileGround["room"];
  readonly #lost: LargeFileGround["lost"];
  readonly #pulled: WantedFile;
  #waiting: Waiting[] = [];
  #isLost = false;
  #isClosed = false;
  isWhole = false;

  /** `lost` hears why it cannot be had. */
  constructor(
    path: string,
    entry: ListedEntry,
    part: PartStore,
    { puller, lost, room }: LargeFileGround,
  ) {
    this.#room = room;
    this.#lost = lost;
    this.#entry = entry;
    this.#part = part;
    this.#pulled = puller.add({
      path,
      entry,
      size: entry.size ?? 0,
      store: part,
      kept: part.kept,
      proven: (from, to) => {
        part.prove(from, to);
        this.#hand();
      },
      ended: (why) => {
        if (why === undefined) this.isWhole = true;
        else this.#lose(why);
        this.#hand();
      },
    });
  }

  /** Waits for bytes; undefined = they cannot be had. Later, never from within. */
  take(position: number, length: number, then: (bytes: Uint8Array | undefined) => void): void {
    const size = this.#entry.size ?? 0;
    this.#waiting.push({ from: position, to: Math.min(size, position + length), then });
    queueMicrotask(() => this.#hand());
  }

  /** Lets it go; it is kept for a later run, unless all of it was of use. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Whoever still brings some of it must not write into what is closed.
    this.#pulled.fail("nobody wants it any more");
    this.#part.close(this.isWhole);
  }

  #hand(): void {
    const left: Waiting[] = [];
    for (const one of this.#waiting.splice(0)) {
      const { from, to, then } = one;
      if (this.#isLost) then(undefined);
      else if (from >= to) then(new Uint8Array(0));
      else if (this.#pulled.isReady(from, to)) {
        const bytes = this.#room(to - from);
        const isThere = this.#part.read(from, bytes);
        if (!isThere) this.#lose("what has come of it cannot be read any more");
        then(isThere ? bytes : undefined);
      } else left.push(one);
    }
    this.#waiting.push(...left);
  }

  #lose(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    if (!this.#isClosed) this.#lost(why);
  }
}
