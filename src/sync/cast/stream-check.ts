// Whether what has come of a stream is the stream: datagrams of other members open, too. The master tells the sums of its
// stretches; some of these are looked at while they come, and all of them once one is wrong or the whole is.

import { ManifoldError } from "../../base/index.ts";
import type { BlockRange } from "../../datagram/index.ts";
import type { StreamCopy } from "./stream-copy.ts";
import { splitSums, stretchBlocks, stretchBytes, stretchesMax, sumOf } from "./stream-sums.ts";

/** Of so many stretches one is looked at as long as nothing is wrong: reading and summing up all of them takes 0.4 s of CPU time a GB. */
const sampleEvery = 8;
/** So many at once, some 13 ms: connections have their turns in between. */
const looksMax = 32;

/** What came of a look. */
export interface Look {
  /** A stretch that is wrong; undefined = none was. */
  readonly wrong?: BlockRange;
  /** There is more to look at. */
  readonly isUnfinished: boolean;
}

/** Such a check. */
export class StreamCheck {
  readonly #copy: () => StreamCopy;
  readonly #sums: string[] = [];
  #digest: "blake3" | "sha256" = "blake3";
  #step = sampleEvery;
  /** The stretch that is looked at next; all before it are right, if every one is looked at. */
  #next = 0;
  /** The last one that was wrong. */
  #wrong = -1;

  /** `copy`: where the stream is; asked for when there are bytes in it. */
  constructor(copy: () => StreamCopy) {
    this.#copy = copy;
  }

  /** Every stretch is looked at. */
  get isThorough(): boolean {
    return this.#step === 1;
  }

  /** Takes sums of the next stretches. Throws a protocol-data error. */
  tell(sums: Uint8Array, digest: "blake3" | "sha256"): void {
    this.#digest = digest;
    for (const sum of splitSums(sums, stretchesMax - this.#sums.length)) this.#sums.push(sum);
  }

  /** From here on every stretch counts, from the first one on. */
  beThorough(): void {
    this.#step = 1;
    this.#next = 0;
  }

  /**
   * Looks at stretches that are whole, up to one that is wrong. Throws a protocol-data error for one that is wrong again.
   * @param floor All blocks before this one are there, and written.
   * @param bytes Of the whole stream; undefined = not known yet.
   */
  look(floor: number, bytes: number | undefined): Look {
    const isWhole = bytes !== undefined && floor * stretchBytes >= bytes * stretchBlocks;
    for (let looks = 0; ; looks++) {
      const stretch = this.#next;
      const sum = this.#sums[stretch];
      const at = stretch * stretchBytes;
      const isThere = isWhole ? at < bytes : floor >= (stretch + 1) * stretchBlocks;
      if (sum === undefined || !isThere) return { isUnfinished: false };
      if (looks === looksMax) return { isUnfinished: true };
      const end = Math.min(at + stretchBytes, bytes ?? Number.POSITIVE_INFINITY);
      if (this.#sumAt(at, end) === sum) {
        this.#next += this.#step;
        continue;
      }
      if (this.#wrong === stretch) {
        throw new ManifoldError("protocol-data", "What the master sent is not what it told of");
      }
      const wrong = { block: stretch * stretchBlocks, count: stretchBlocks };
      // Found in passing it tells that others may be; these are looked for from the first one on.
      if (this.isThorough) this.#wrong = stretch;
      return { wrong, isUnfinished: true };
    }
  }

  #sumAt(at: number, end: number): string {
    const bytes = new Uint8Array(end - at);
    this.#copy().read(bytes, at);
    return sumOf(bytes, this.#digest);
  }
}
