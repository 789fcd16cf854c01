// Columns of a listing on their way into a frozen buffer. Most directories are small: a few loops take a
// fraction of what arrays for each column of the copy would.

import {
  type Float64Column,
  float64Columns,
  type Uint8Column,
  type Uint32Column,
  uint8Columns,
  uint32Columns,
} from "./columns.ts";

/** A listing's columns. */
type Columns = Readonly<
  Record<Float64Column, Float64Array> &
    Record<Uint32Column, Uint32Array> &
    Record<Uint8Column, Uint8Array>
>;

/** Where the column of name starts begins in a frozen buffer: it is the first behind those of 8 bytes. */
export function startsAt(count: number): number {
  return 8 * float64Columns.length * count;
}

/** Copies `count` entries from `first` on into a frozen buffer, and returns its room for names. */
export function copyColumns(
  listing: Columns,
  buffer: SharedArrayBuffer,
  first: number,
  count: number,
): Uint8Array {
  const end = first + count;
  const floats = new Float64Array(buffer, 0, float64Columns.length * count);
  let at = 0;
  for (const column of float64Columns) {
    const from = listing[column];
    for (let i = first; i < end; i++) floats[at++] = from[i] as number;
  }
  const words = new Uint32Array(buffer, startsAt(count), uint32Columns.length * count);
  at = 0;
  for (const column of uint32Columns) {
    const from = listing[column];
    for (let i = first; i < end; i++) words[at++] = from[i] as number;
  }
  const bytes = new Uint8Array(buffer, words.byteOffset + words.byteLength);
  at = 0;
  for (const column of uint8Columns) {
    const from = listing[column];
    for (let i = first; i < end; i++) bytes[at++] = from[i] as number;
  }
  return bytes.subarray(at);
}
