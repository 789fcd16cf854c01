// What one lane cuts files into chunks with: memory that it keeps from one file to the next.

import { Chunker, chunkSizes } from "../../delta/index.ts";

/** Such memory. */
export class LaneChunkers {
  #chunker: Chunker | undefined;
  #bits = 0;

  /** Returns what cuts chunks of normally 2^bits bytes. */
  of(bits: number): Chunker {
    if (this.#chunker === undefined || this.#bits !== bits) {
      this.#chunker = new Chunker(chunkSizes(2 ** bits));
      this.#bits = bits;
    }
    return this.#chunker;
  }
}
