// Whole columns between bytes and typed arrays. A column is one number where all entries have the
// same, else an RFC 8746 typed array, little-endian, of the narrowest of four types that holds every
// value; a column of zeros is left out. Loops run over primitives: nothing is allocated for an entry.

import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";

/** Tags of typed arrays (RFC 8746, section 2.1) and the bytes of their elements. */
const tagUint8 = 64;
const tagUint16 = 69;
const tagUint32 = 70;
const tagFloat64 = 86;

/** One number and its bytes. */
const oneFloat = new Float64Array(1);
const floatBytes = new Uint8Array(oneFloat.buffer);
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

type Column = Float64Array | Uint32Array | Uint8Array;

/** Says whether entries [from, to) have the value 0 throughout. */
export function isZeroColumn(column: Column, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (column[i] !== 0) return false;
  return true;
}

/** Writes entries [from, to) of a column. */
export function encodeColumn(writer: CborWriter, column: Column, from: number, to: number): void {
  const first = column[from] as number;
  let [low, high] = [first, first];
  for (let i = from + 1; i < to; i++) {
    const value = column[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) {
    writer.int(low);
    return;
  }
  const tag = narrowest(low, high);
  writer.tag(tag);
  const length = (to - from) * elementBytes(tag);
  writer.bytesHead(length);
  fillBytes(writer.room(length), tag, column, from, to);
}

function narrowest(low: number, high: number): number {
  if (low < 0 || high > 0xffff_ffff) return tagFloat64;
  if (high > 0xffff) return tagUint32;
  return high > 0xff ? tagUint16 : tagUint8;
}

function elementBytes(tag: number): number {
  if (tag === tagFloat64) return 8;
  if (tag === tagUint32) return 4;
  return tag === tagUint16 ? 2 : 1;
}

/** Writes the values, least significant byte first (hot loop: no view is made for it). */
function fillBytes(bytes: Uint8Array, tag: number, column: Column, from: number, to: number): void {
  let at = 0;
  if (tag === tagFloat64) {
    for (let i = from; i < to; i++) {
      oneFloat[0] = column[i] as number;
      for (let k = 0; k < 8; k++) bytes[at++] = floatBytes[littleEndian ? k : 7 - k] as number;
    }
    return;
  }
  const width = elementBytes(tag);
  for (let i = from; i < to; i++) {
    const value = column[i] as number;
    bytes[at++] = value;
    if (width === 1) continue;
    bytes[at++] = value >>> 8;
    if (width === 2) continue;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 24;
  }
}

/** What the values of a column may be. */
export interface ColumnRange {
  readonly field: string;
  readonly max: number;
  readonly isSigned: boolean;
}

/** Reads a column of `count` values into `column`, which is long enough. */
export function decodeColumn(
  cursor: CborCursor,
  column: Column,
  count: number,
  range: ColumnRange,
): void {
  const { field, max, isSigned } = range;
  if (!cursor.isMajor(6)) {
    column.fill(isSigned ? cursor.int(field) : cursor.uint(field, max), 0, count);
    return;
  }
  const begin = cursor.at;
  const tag = cursor.tag(field);
  if (tag !== tagUint8 && tag !== tagUint16 && tag !== tagUint32 && tag !== tagFloat64) {
    throw cursor.error(field, `tag ${tag} is no typed array of this format`, begin);
  }
  const wanted = count * elementBytes(tag);
  if (cursor.byteRange(field, wanted) !== wanted) {
    throw cursor.error(field, `${cursor.stop - cursor.start} bytes instead of ${wanted}`, begin);
  }
  const view = new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset + cursor.start, wanted);
  const bad = takeBytes(view, tag, column, count, isSigned ? -max : 0, max);
  if (bad >= 0) throw cursor.error(field, `value of entry ${bad} is out of range`, begin);
}

/** Fills the column; returns the index of the first value that is not a whole number in range, else -1 (hot loop: plain parameters). */
function takeBytes(
  view: DataView,
  tag: number,
  column: Column,
  count: number,
  min: number,
  max: number,
): number {
  for (let i = 0; i < count; i++) {
    let value: number;
    if (tag === tagFloat64) value = view.getFloat64(i * 8, true);
    else if (tag === tagUint32) value = view.getUint32(i * 4, true);
    else if (tag === tagUint16) value = view.getUint16(i * 2, true);
    else value = view.getUint8(i);
    if (!(value >= min && value <= max) || (tag === tagFloat64 && !Number.isInteger(value))) {
      return i;
    }
    column[i] = value === 0 ? 0 : value;
  }
  return -1;
}
