// A question about many files of a directory at once, and its answer: is each of them what a digest says? Of most files
// of an update that is all there is to say, so both are columns: a bit for each row, and the digests one behind the other.

import type { CborCursor, CborWriter } from "../changeset/index.ts";
import { limits } from "./record-limits.ts";

/** Bytes of each digest: the beginning of BLAKE3. */
export const askedDigestBytes = 16;

/** Which rows of a directory: bit i of the bits (the lowest of byte 0 is the first) stands for row `first + i`. */
export interface RowBits {
  readonly first: number;
  readonly bits: Uint8Array;
}

/** What is asked: of each row that has a bit, in order, a digest. */
export interface SameQuestion extends RowBits {
  readonly digests: Uint8Array;
}

/** The rows that are what they were asked to be. */
export type SameAnswer = RowBits;

/** Returns bits for `count` rows from `first` on, of which none is set. */
export function rowBits(first: number, count: number): RowBits {
  return { first, bits: new Uint8Array((count + 7) >>> 3) };
}

/** Sets the bit of a row, which has one. */
export function setRow({ first, bits }: RowBits, row: number): void {
  const at = row - first;
  bits[at >>> 3] = (bits[at >>> 3] as number) | (1 << (at & 7));
}

/** Says whether the bit of a row is set; of rows without one it is not. */
export function hasRow({ first, bits }: RowBits, row: number): boolean {
  const at = row - first;
  return at >= 0 && at >>> 3 < bits.length && ((bits[at >>> 3] as number) & (1 << (at & 7))) !== 0;
}

/** Writes a question's fields: there are questionFields. */
export function putQuestion(writer: CborWriter, { first, bits, digests }: SameQuestion): void {
  putRows(writer, { first, bits });
  writer.bytes(digests);
}

/** How many. */
export const questionFields = 3;

/** Reads what putQuestion wrote, about a directory of `count` entries. Throws what messageCursor throws. */
export function readQuestion(cursor: CborCursor, count: number): SameQuestion {
  const rows = readRows(cursor, count);
  const begin = cursor.at;
  const digests = cursor.copyBytes("digests", limits.items * askedDigestBytes);
  if (digests.length !== countRows(rows) * askedDigestBytes) {
    throw cursor.error("digests", "there is not one for each row", begin);
  }
  return { ...rows, digests };
}

/** Writes an answer. */
export function putAnswer(writer: CborWriter, same: SameAnswer): void {
  writer.array(answerFields);
  putRows(writer, same);
}

/** Reads one, about a directory of `count` entries at most. Throws what messageCursor throws. */
export function readAnswer(cursor: CborCursor, count: number): SameAnswer {
  const fields = cursor.array("answer", answerFields);
  if (fields !== answerFields) throw cursor.error("answer", `it has ${fields} fields`);
  return readRows(cursor, count);
}

const answerFields = 2;

function putRows(writer: CborWriter, { first, bits }: RowBits): void {
  writer.int(first);
  writer.bytes(bits);
}

function readRows(cursor: CborCursor, count: number): RowBits {
  const first = cursor.uint("first row", Math.max(0, count - 1));
  const begin = cursor.at;
  const bits = cursor.copyBytes("rows", (limits.items + 7) >>> 3);
  const beyond = Math.max(0, first + bits.length * 8 - count);
  if (beyond > 7 || (bits.at(-1) ?? 0) >>> (8 - beyond) !== 0) {
    throw cursor.error("rows", "there are not so many", begin);
  }
  return { first, bits };
}

function countRows({ bits }: RowBits): number {
  let count = 0;
  for (const byte of bits) for (let left = byte; left !== 0; left &= left - 1) count++;
  return count;
}
