// The order of the entries of one record: what is not a directory first, by name bytes, then
// directories as if a slash followed (tree's listing order). Strictly ascending, and no name in
// both halves: so no name stands twice, and nobody has to remember names to know it.

import type { ByteString } from "../base/index.ts";
import { compareNames, type Directory, isDirectory } from "../tree/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";

/** The entries of a record: their names, and the mode that says where each stands. */
export interface EntryRows {
  readonly columns: Directory;
  standingMode(row: number): number;
}

/** The last entry of the record before, when a record goes on with the same directory. */
export interface LastName {
  readonly name: ByteString;
  readonly isDirectory: boolean;
}

const dot = 0x2e;

/** Throws unless row `row` may follow the one before it, or `before` when it is the first. */
export function checkOrder(
  cursor: CborCursor,
  rows: EntryRows,
  row: number,
  begin: number,
  before: LastName | undefined,
): void {
  const { names, nameStart, nameLength } = rows.columns;
  const isLast = isDirectory(rows.standingMode(row));
  if (row === 0) {
    if (before !== undefined && !follows(before, rows.columns.name(0), isLast)) {
      throw cursor.error("order", "entries are not in listing order", begin);
    }
    return;
  }
  // The directory's own row stands first and takes no part.
  if (row === 1 && nameLength[0] === 1 && names[nameStart[0] as number] === dot) return;
  const wasDirectory = isDirectory(rows.standingMode(row - 1));
  const isSorted =
    wasDirectory === isLast ? compareRows(rows.columns, row - 1, row, isLast) < 0 : isLast;
  if (!isSorted) throw cursor.error("order", "entries are not in listing order", begin);
  if (isLast && standsBefore(rows, row)) throw cursor.error("order", "a name stands twice", begin);
}

function follows(before: LastName, name: ByteString, isDirectoryNow: boolean): boolean {
  if (before.isDirectory !== isDirectoryNow) return isDirectoryNow;
  return isDirectoryNow ? `${before.name}/` < `${name}/` : before.name < name;
}

/** Says whether the name of directory row `row` is also that of a row that is not a directory. */
function standsBefore(rows: EntryRows, row: number): boolean {
  let low = 0;
  let high = row;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isAbove = isDirectory(rows.standingMode(middle));
    const order = isAbove ? 1 : compareRows(rows.columns, middle, row, false);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

/** Compares two names of one record, both as directories or both not. */
export function compareRows(
  columns: Directory,
  a: number,
  b: number,
  asDirectories: boolean,
): number {
  const { names, nameStart, nameLength } = columns;
  return compareNames(
    names,
    nameStart[a] as number,
    nameLength[a] as number,
    names,
    nameStart[b] as number,
    nameLength[b] as number,
    asDirectories,
  );
}
