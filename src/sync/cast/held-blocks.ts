// What a target has of a stream from an earlier cast, as the master finds out while it records: stretches whose sums
// are the stream's.

import type { BlockRange } from "../../datagram/index.ts";
import { type StreamSums, splitSums, stretchBlocks, stretchesMax } from "./stream-sums.ts";

/** Such blocks. */
export class HeldBlocks {
  readonly #told: string[] = [];
  readonly #ranges: BlockRange[] = [];
  /** Stretches that were compared. */
  #compared = 0;

  /** It has told nothing. */
  get isEmpty(): boolean {
    return this.#told.length === 0;
  }

  /** Takes sums of its next stretches. Throws a protocol-data error. */
  tell(sums: Uint8Array): void {
    for (const sum of splitSums(sums, stretchesMax - this.#told.length)) this.#told.push(sum);
  }

  /** Returns what turns out to be the stream's, as far as that is known by now. */
  compare(sums: StreamSums): BlockRange[] {
    const found: BlockRange[] = [];
    const end = Math.min(sums.count, this.#told.length);
    let run = 0;
    for (; this.#compared < end; this.#compared++) {
      if (this.#told[this.#compared] === sums.at(this.#compared)) run++;
      else if (run > 0) {
        found.push(rangeOf(this.#compared - run, run));
        run = 0;
      }
    }
    if (run > 0) found.push(rangeOf(end - run, run));
    this.#ranges.push(...found);
    return found;
  }

  /** Says whether it has all these blocks. */
  has({ block, count }: BlockRange): boolean {
    const range = this.#ranges.findLast((each) => each.block <= block);
    return range !== undefined && block + count <= range.block + range.count;
  }
}

function rangeOf(stretch: number, count: number): BlockRange {
  return { block: stretch * stretchBlocks, count: count * stretchBlocks };
}
