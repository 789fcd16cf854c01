// delta: what one file shares with another, by the rsync algorithm.
//
// In: a way to read each of two files. Out: tokens, through a sink.
//
//   signature = computeSignature({ read: basis, fileLength })   two sums for each block
//   matchBlocks({ signature, read: source }, sink)              sink.copy(block, count) and
//                                                               sink.literal(bytes, start, end)
//   sink = createPatcher({ layout: signature, read: basis, write })
//
// patch(basis, match(signature(basis), source)) = source, for every basis and source. Signature and
// matching run over ranges too, so that several lanes can share a large file. On one machine take
// strongLength 0 and confirm: compareWithBasis(...): bytes are compared instead of hashed.
//
// Content that is anywhere else is found by chunks that content itself cuts, whose boundaries move with it:
//
//   index.add(file, chunker.cut(read, length))                  for each file there is
//   index.find(chunker.cut(source, length))                     which ranges of which files it shares
//
// Pure: files are functions here. Memory is bounded by windows and about 60 bytes a block. Not
// promised: the fewest literal bytes, and anything about a basis that changes meanwhile; so check a
// digest of the whole result (`observe`) whenever bytes crossed a process or a machine.
// Sources: Tridgell and Mackerras, "The rsync algorithm" (1996); Tridgell's thesis (1999), ch. 3.

export { compareWithBasis } from "./basis-compare.ts";
export type { Confirm } from "./block-finder.ts";
export { type BlockIndex, closeIndex, openIndex } from "./block-index.ts";
export {
  BLOCK_COUNT_MAX,
  BLOCK_LENGTH_MAX,
  BLOCK_LENGTH_MIN,
  type BlockLayout,
  blockOffset,
  chooseBlockLength,
  fullBlockCount,
  layoutOf,
  rsyncStrongLength,
  validateLayout,
} from "./block-layout.ts";
export { ChunkIndex, type ChunkRange, type FoundRange } from "./chunk-index.ts";
export { Chunker, ChunkList, chunkDigestBytes, type FrozenChunks } from "./chunk-list.ts";
export { type ChunkSizes, chunkSizes, chunkSizesFor, usualChunkSizes } from "./chunk-sizes.ts";
export { matchBlocks } from "./match.ts";
export type { MatchCounts, MatchOptions } from "./match-options.ts";
export { createPatcher, type Patcher, type PatchOptions } from "./patch.ts";
export { type MatchedRange, RangeEnds } from "./range-ends.ts";
export {
  computeSignature,
  emptySignature,
  type Signature,
  type SignatureOptions,
  type SignRange,
  STRONG_LENGTH,
  STRONG_LENGTH_MAX,
  signBlocks,
  validateSignature,
  weakSignature,
} from "./signature.ts";
export type { Observe, ReadAt, TokenSink, WriteAt } from "./stream.ts";
