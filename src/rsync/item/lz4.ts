// lz4 as rsync has it between two ends: each chunk is a block by itself.

import { assert, ManifoldError } from "../../base/index.ts";
import { type Lz4, loadLz4 } from "../../native/index.ts";
import type { Expander } from "./expander.ts";

/** What a chunk may be expanded to: more is not taken by rsync's own receiver. */
const outputBytes = 65_536;
/** The longest chunk, and as many bytes go into one. */
const chunkBytesMax = 0x3fff;

function lz4Here(): Lz4 {
  const lz4 = loadLz4();
  assert(lz4 !== undefined, "What was agreed on is there.");
  return lz4;
}

/** Expands chunks. */
export class Lz4Expander implements Expander {
  readonly #lz4 = lz4Here();
  readonly #output = new Uint8Array(outputBytes);
  #length = 0;

  take(bytes: Uint8Array): void {
    const lz4 = this.#lz4;
    const [from, to] = [lz4.address(bytes), lz4.address(this.#output)];
    this.#length = lz4.LZ4_decompress_safe(from, to, bytes.length, outputBytes);
    if (this.#length >= 0) return;
    const message = "What came compressed cannot be decompressed: it is no block of lz4";
    throw new ManifoldError("protocol-data", message);
  }

  next(): Uint8Array | undefined {
    const length = this.#length;
    this.#length = 0;
    return length === 0 ? undefined : this.#output.subarray(0, length);
  }
}

/** Hands literals to `chunk` as blocks, in memory that is used again. */
export function lz4Blocks(bytes: Uint8Array, chunk: (block: Uint8Array) => void): void {
  const lz4 = lz4Here();
  const output = new Uint8Array(chunkBytesMax);
  const to = lz4.address(output);
  for (let at = 0; at < bytes.length; ) {
    const from = lz4.address(bytes.subarray(at));
    let taken = Math.min(chunkBytesMax, bytes.length - at);
    let length = lz4.LZ4_compress_default(from, to, taken, chunkBytesMax);
    // What cannot be compressed becomes longer.
    while (length <= 0) {
      taken >>= 1;
      length = lz4.LZ4_compress_default(from, to, taken, chunkBytesMax);
    }
    chunk(output.subarray(0, length));
    at += taken;
  }
}
