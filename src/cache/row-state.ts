// Rows of listings as states of files.

import type { Directory } from "../tree/index.ts";
import type { FileState } from "./entry.ts";

/** Row `i` of a listing as the state of a file: the same object each time. */
export function stateOfRow(listing: Directory, i: number): FileState {
  row.devMajor = listing.devMajor[i] as number;
  row.devMinor = listing.devMinor[i] as number;
  row.inoHigh = listing.inoHigh[i] as number;
  row.inoLow = listing.inoLow[i] as number;
  row.size = listing.size[i] as number;
  row.mtime = listing.mtime[i] as number;
  row.mtimeNanos = listing.mtimeNanos[i] as number;
  row.ctime = listing.ctime[i] as number;
  row.ctimeNanos = listing.ctimeNanos[i] as number;
  return row;
}

const row = {
  devMajor: 0,
  devMinor: 0,
  inoHigh: 0,
  inoLow: 0,
  size: 0,
  mtime: 0,
  mtimeNanos: 0,
  ctime: 0,
  ctimeNanos: 0,
};
