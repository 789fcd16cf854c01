// How a basis is cut into blocks, and rsync's rules for choosing the lengths.
//
// A layout is four numbers, as in the head of rsync's block sums: all blocks have `blockLength`
// bytes, the last one `remainder` if that is not 0.

import { assert, ManifoldError } from "../base/index.ts";

/** A basis of `fileLength` bytes cut into `count` blocks. All zero: no basis. */
export interface BlockLayout {
  readonly fileLength: number;
  readonly blockLength: number;
  readonly count: number;
  /** The length of the last block when it is a short one, else 0. */
  readonly remainder: number;
}

/** rsync's smallest automatic block length. */
export const BLOCK_LENGTH_MIN = 700;
/** rsync's largest block length (protocol 30 and later), automatic or asked for. */
export const BLOCK_LENGTH_MAX = 131_072;
/** More blocks than this are refused: their sums alone would take gigabytes. */
export const BLOCK_COUNT_MAX = 0x7fff_ffff;

/**
 * Returns rsync's block length for a file: 700 bytes up to 490,000 bytes, then the square root of
 * the length rounded down to a multiple of 8, at most 128 KiB.
 */
export function chooseBlockLength(fileLength: number): number {
  if (fileLength <= BLOCK_LENGTH_MIN * BLOCK_LENGTH_MIN) return BLOCK_LENGTH_MIN;
  if (fileLength >= BLOCK_LENGTH_MAX * BLOCK_LENGTH_MAX) return BLOCK_LENGTH_MAX;
  // Below 2^34 the double's square root is exact enough for its floor to be exact.
  return Math.max(BLOCK_LENGTH_MIN, Math.floor(Math.sqrt(fileLength)) & ~7);
}

/**
 * Returns rsync's length of a block's strong sum in its first pass: enough bits that a false match
 * somewhere in the file is unlikely, not impossible. Only for talking to rsync.
 */
export function rsyncStrongLength(layout: BlockLayout, digestLength: number): number {
  const { fileLength, blockLength } = layout;
  if (fileLength < 1) return 2;
  const bits = 2 * floorLog2(fileLength) - floorLog2(blockLength) - 14;
  return Math.min(Math.max(Math.trunc(bits / 8), 2), 16, digestLength);
}

function floorLog2(value: number): number {
  let exponent = Math.floor(Math.log2(value));
  if (2 ** exponent > value) exponent--;
  if (2 ** (exponent + 1) <= value) exponent++;
  return exponent;
}

/** Returns the layout of a file of that length, by default with rsync's block length. */
export function layoutOf(
  fileLength: number,
  blockLength = chooseBlockLength(fileLength),
): BlockLayout {
  assert(Number.isSafeInteger(fileLength) && fileLength >= 0, "a file has a length");
  assert(blockLength >= 1 && blockLength <= BLOCK_LENGTH_MAX, "a block length is within limits");
  const count = Math.ceil(fileLength / blockLength);
  return { fileLength, blockLength, count, remainder: fileLength % blockLength };
}

/** Returns how many blocks have the full length. */
export function fullBlockCount(layout: BlockLayout): number {
  return layout.remainder === 0 ? layout.count : layout.count - 1;
}

/** Returns the offset in the basis where a block starts; for `count` the file's length. */
export function blockOffset(layout: BlockLayout, block: number): number {
  return Math.min(block * layout.blockLength, layout.fileLength);
}

/** Throws a protocol-data error unless the numbers, which come from outside, fit one another. */
export function validateLayout(layout: BlockLayout): void {
  const { fileLength, blockLength, count, remainder } = layout;
  checkField("file length", fileLength, 0, Number.MAX_SAFE_INTEGER);
  checkField("block count", count, 0, BLOCK_COUNT_MAX);
  checkField("block length", blockLength, count === 0 ? 0 : 1, BLOCK_LENGTH_MAX);
  checkField("remainder", remainder, 0, Math.max(blockLength - 1, 0));
  const whole = remainder === 0 ? count : count - 1;
  if (
    count === 0
      ? remainder !== 0 || fileLength !== 0
      : whole * blockLength + remainder !== fileLength
  ) {
    throw new ManifoldError(
      "protocol-data",
      `Cannot use block layout: ${count} blocks of ${blockLength} bytes with remainder ${remainder} do not make ${fileLength} bytes`,
      { data: { count, blockLength, remainder, fileLength } },
    );
  }
}

function checkField(field: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ManifoldError(
    "protocol-data",
    `Cannot use block layout: ${field} is ${value}, must be from ${min} to ${max}`,
    { data: { field, value, min, max } },
  );
}
