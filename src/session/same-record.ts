// Digests of many files of a directory at once, as they come with it or in a question: is each of them what the digest
// says? Of most files of an update that is all there is to say, so they are columns, as is the answer: a bit for each row, and the
// digests one behind the other.

import type { CborCursor, CborWriter } from "../changeset/index.ts";
import { limits } from "./record-limits.ts";

/** Bytes of each digest: the beginning of BLAKE3. */
export const askedDigestBytes = 16;
/** Shorter files come at once if they are not the same: whole, they are hardly more than a second question and answer. */
export const askedTwiceBytesMin = 4096;

/** Which rows of a directory: bit i of the bits (the lowest of byte 0 is the first) stands for row `first + i`. */
export interface RowBits {
  readonly first: number;
  readonly bits: Uint8Array;
}

/** Of each row that has a bit, in order, a digest. */
export interface RowDigests extends RowBits {
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

/** Says whether the bit of a row is set; of rows without one, and without any, it is not. */
export function hasRow(rows: RowBits | undefined, row: number): boolean {
  if (rows === undefined) return false;
  const at = row - rows.first;
  if (at < 0 || at >>> 3 >= rows.bits.length) return false;
  return ((rows.bits[at >>> 3] as number) & (1 << (at & 7))) !== 0;
}

/** Compares digests of rows that both have: which are equal, and which are not. */
export function compareRows(
  one: RowDigests,
  other: RowDigests,
): { readonly same: RowBits; readonly others: RowBits } {
  const { first, bits } = one;
  const [same, others] = [rowBits(first, bits.length * 8), rowBits(first, bits.length * 8)];
  let at = 0;
  let otherAt = 0;
  const end = first + bits.length * 8;
  for (let row = Math.min(first, other.first); row < end; row++) {
    const [has, otherHas] = [hasRow(one, row), hasRow(other, row)];
    if (has && otherHas) {
      const isSame = isEqual(one.digests, at, other.digests, otherAt);
      setRow(isSame ? same : others, row);
    }
    if (has) at += askedDigestBytes;
    if (otherHas) otherAt += askedDigestBytes;
  }
  return { same, others };
}

function isEqual(one: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean {
  for (let i = 0; i < askedDigestBytes; i++) if (one[at + i] !== other[otherAt + i]) return false;
  return true;
}

/** Writes the fields of digests: there are digestFields. */
export function putDigests(writer: CborWriter, { first, bits, digests }: RowDigests): void {
  putRows(writer, { first, bits });
  writer.bytes(digests);
}

/** How many. */
export const digestFields = 3;

/** Reads what putDigests wrote, about a directory of `count` entries. Throws what messageCursor throws. */
export function readDigests(cursor: CborCursor, count: number): RowDigests {
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
