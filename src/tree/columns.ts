// The columns of a listing: their names by width, in the order in which they lie in a frozen buffer.
// This file is a table.

import type { ByteString } from "../base/index.ts";

/** One extended attribute; POSIX ACLs are the attributes system.posix_acl_access and _default. */
export interface Xattr {
  readonly name: ByteString;
  readonly value: Uint8Array;
}

/** Per-entry numbers of a listing, in the order they lie in a frozen buffer (8-byte ones first). */
export const float64Columns = ["size", "mtime", "ctime", "atime", "blocks", "crtime"] as const;
export const uint32Columns = [
  "nameStart",
  "nameLength",
  "mode",
  "mtimeNanos",
  "ctimeNanos",
  "atimeNanos",
  "crtimeNanos",
  "uid",
  "gid",
  "nlink",
  "devMajor",
  "devMinor",
  "inoHigh",
  "inoLow",
  "rdevMajor",
  "rdevMinor",
  "origin",
] as const;
export const uint8Columns = ["verdict", "problem"] as const;

// Shared by all empty listings: a new listing allocates nothing.
export const noFloats = new Float64Array(0);
export const noWords = new Uint32Array(0);
export const noBytes = new Uint8Array(0);

export const noTargets: Map<number, ByteString> = new Map();
export const noXattrs: Map<number, readonly Xattr[]> = new Map();

export const allColumns = [...float64Columns, ...uint32Columns, ...uint8Columns] as const;
export const nameColumns = ["nameStart", "nameLength", "mode", "origin", "verdict"] as const;

/** A column of that width. */
export type Float64Column = (typeof float64Columns)[number];
/** A column of that width. */
export type Uint32Column = (typeof uint32Columns)[number];
/** A column of that width. */
export type Uint8Column = (typeof uint8Columns)[number];

/** Returns a column of at least `length` that begins with the old one; a borrowed one may be longer already. */
export function regrow<T extends Float64Array | Uint32Array | Uint8Array>(
  old: T,
  type: new (length: number) => T,
  length: number,
): T {
  if (old.length >= length) return old;
  const grown = new type(length);
  grown.set(old as never);
  return grown;
}

/** Returns the side table of a selection of entries. */
export function selectMap<T>(map: ReadonlyMap<number, T>, indices: Uint32Array): Map<number, T> {
  const moved = new Map<number, T>();
  for (let i = 0; i < indices.length; i++) {
    const value = map.get(indices[i] as number);
    if (value !== undefined) moved.set(i, value);
  }
  return moved;
}
