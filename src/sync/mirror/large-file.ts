// A large file of which a lane asks for one piece after the other: all of it is ordered at the first piece, and each piece is
// given when it is there.

import type { ListedEntry } from "../../source/index.ts";
import type { PartStore, Pulls } from "./part-store.ts";

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
  readonly #pulled: ReturnType<Pulls["add"]>;
  #waiting: Waiting[] = [];
  #isLost = false;
  isWhole = false;

  /** `lost` hears why it cannot be had. */
  constructor(
    path: string,
    entry: ListedEntry,
    part: PartStore,
    { puller, lost, room }: LargeFileGround,
  ) {
    this.#room = room;
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
        else {
          this.#isLost = true;
          lost(why);
        }
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
        this.#part.read(from, bytes);
        then(bytes);
      } else left.push(one);
    }
    this.#waiting.push(...left);
  }
}
