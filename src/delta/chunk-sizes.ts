// How large chunks are that content cuts (FastCDC). Both ends must mean the same.

import { assert } from "../base/index.ts";
import { gearMaskOf } from "../hash/index.ts";

/** The sizes of chunks in bytes, and the masks that make most of them about the normal one. */
export interface ChunkSizes {
  /** Below this no boundary is looked for. */
  readonly min: number;
  readonly normal: number;
  /** Here a chunk ends if nothing has ended it before. */
  readonly max: number;
  /** For boundaries up to the normal size: found more rarely than every `normal` bytes... */
  readonly strictMask: number;
  /** ...and beyond it: found more often. */
  readonly looseMask: number;
}

/** How many bits the masks have more and less than the normal size: level 2 of "normalized chunking" (FastCDC, 3.4), the best of those measured there. */
const normalization = 2;

/** Returns the sizes around a normal size, a power of two from 256 bytes to 1 MiB: a quarter of it to eight times as much, as in the paper. */
export function chunkSizes(normal: number): ChunkSizes {
  const bits = Math.log2(normal);
  assert(Number.isInteger(bits) && bits >= 8 && bits <= 20, "a normal chunk has 2^8 to 2^20 bytes");
  return {
    min: normal / 4,
    normal,
    max: normal * 8,
    strictMask: gearMaskOf(bits + normalization),
    looseMask: gearMaskOf(bits - normalization),
  };
}

/** The smallest normal size that pays: below, the digests of a list cost as much as the bytes that it finds. */
const normalMin = 1024;
const normalMax = 2 ** 20;

/** Returns the smallest sizes with which the chunks of so many bytes are about as many as an index has room for. */
export function chunkSizesFor(bytes: number, chunksMax: number): ChunkSizes {
  let normal = normalMin;
  while (normal < normalMax && bytes / normal > chunksMax) normal *= 2;
  return chunkSizes(normal);
}

/** What is used where nothing speaks for another size: 2 KiB to 64 KiB, the paper's. */
export const usualChunkSizes = chunkSizes(8192);
