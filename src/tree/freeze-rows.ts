// Some entries of a listing as a listing of their own.

import { allColumns, float64Columns, selectMap, uint8Columns, uint32Columns } from "./columns.ts";
import { Directory, type FrozenDirectory } from "./directory.ts";

const entryBytes = 8 * float64Columns.length + 4 * uint32Columns.length + uint8Columns.length;

/** Returns how many bytes freezeRows() takes for these entries. */
export function frozenRowsBytes(listing: Directory, rows: Uint32Array): number {
  let bytes = rows.length * (entryBytes + 1);
  for (const row of rows) bytes += listing.nameLength[row] as number;
  return bytes;
}

/** Returns a frozen copy of the entries `rows` of a listing, in that order, with only their names. */
export function freezeRows(listing: Directory, rows: Uint32Array): FrozenDirectory {
  const count = rows.length;
  const bytes = frozenRowsBytes(listing, rows);
  const frozen = {
    buffer: new SharedArrayBuffer(bytes),
    count,
    namesUsed: bytes - count * entryBytes,
    complete: listing.complete,
    linkTargets: selectMap(listing.linkTargets, rows),
    xattrs: selectMap(listing.xattrs, rows),
  };
  const copy = Directory.thaw(frozen);
  for (const column of allColumns) {
    const [from, to] = [listing[column], copy[column]];
    for (let k = 0; k < count; k++) to[k] = from[rows[k] as number] as number;
  }
  let used = 0;
  for (let k = 0; k < count; k++) {
    const start = listing.nameStart[rows[k] as number] as number;
    const length = (listing.nameLength[rows[k] as number] as number) + 1;
    copy.names.set(listing.names.subarray(start, start + length), used);
    copy.nameStart[k] = used;
    used += length;
  }
  return frozen;
}
