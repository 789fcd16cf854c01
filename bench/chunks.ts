// What cutting files into chunks costs in one thread, against digesting them: GB a second, the best of some rounds, over
// 256 MiB of noise. `node --import tsx bench/chunks.ts`

import { createHash } from "node:crypto";
import { seededRandom } from "../src/base/index.ts";
import { Chunker, ChunkIndex, chunkSizes, type ReadAt } from "../src/delta/index.ts";
import { createDigest, gearMaskOf, openGearKernel } from "../src/hash/index.ts";

const length = 2 ** 28;
const rounds = 5;
const bytes = noise();
const read: ReadAt = (into, offset, wanted, position) => {
  const count = Math.min(wanted, length - position);
  into.set(bytes.subarray(position, position + count), offset);
  return count;
};

function noise(): Uint8Array {
  const random = seededRandom(1);
  const words = new Uint32Array(length / 4);
  for (let i = 0; i < words.length; i++) words[i] = random.uint32();
  return new Uint8Array(words.buffer);
}

function tell(what: string, work: () => unknown): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
  }
  console.log(`${(length / best / 1e6).toFixed(2).padStart(6)} GB/s  ${what}`);
}

/** The gear hash alone: no boundary is ever found. */
function gear(portable: boolean): void {
  const piece = 2 ** 20;
  const kernel = openGearKernel(piece, portable);
  kernel.bytes.set(bytes.subarray(0, piece), kernel.start);
  for (let at = 0; at < length; at += piece) {
    kernel.find(kernel.start, kernel.start + piece, 1, gearMaskOf(31));
  }
}

tell("gear hash alone, WebAssembly", () => gear(false));
tell("gear hash alone, JavaScript", () => gear(true));
for (const normal of [4096, 8192, 32_768]) {
  const chunker = new Chunker(chunkSizes(normal));
  tell(`chunks around ${normal} bytes, cut and digested`, () => chunker.cut(read, length));
}
const known = new Chunker().cut(read, length);
tell(`an index of ${known.count} chunks, filled and asked for all of them`, () => {
  const index = new ChunkIndex(2 ** 24);
  index.add(1, known);
  if ([...index.find(known)].length !== 1) throw new Error("A file is not found in itself.");
});
tell("BLAKE3 of the whole", () => {
  const digest = createDigest("blake3");
  digest.update(bytes);
  digest.digest();
});
tell("SHA-256 of the whole, node:crypto", () => createHash("sha256").update(bytes).digest());
