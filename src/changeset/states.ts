// States: what is known of entries, as columns. The columns are those of a listing; what listings
// of this machine do not have (digests, hard links by path) stands beside them. A changeset's
// directory has two of them, index for index: what was and what shall be.

import type { ByteString } from "../base/index.ts";
import { Directory } from "../tree/index.ts";

/** Columns and side tables of the entries of one directory. */
export class States {
  readonly columns: Directory;
  /** Digests of content by index, where they are known. */
  readonly digests = new Map<number, Uint8Array>();
  /** For names of a hard-link group, except its first in listing order: the path of that first name. */
  readonly links = new Map<number, ByteString>();

  constructor(columns = new Directory()) {
    this.columns = columns;
  }

  #byKey: readonly (Float64Array | Uint32Array | undefined)[] = [];
  #mode: Uint32Array | undefined;

  /** The columns by attribute key, undefined for side tables; until the columns grow. */
  get byKey(): readonly (Float64Array | Uint32Array | undefined)[] {
    const { columns } = this;
    if (this.#mode !== columns.mode) {
      this.#mode = columns.mode;
      this.#byKey = columnOfKey.map((name) => (name === undefined ? undefined : columns[name]));
    }
    return this.#byKey;
  }

  /** Empties the columns and tables. */
  clear(): void {
    this.columns.clear();
    this.digests.clear();
    this.links.clear();
  }
}

/**
 * Keys of attributes, in the orders of changesets and the columns of listings. A key that is left out
 * means 0, or that there is none.
 */
export const attributeKey = {
  /** Type and permissions as in st_mode; 0 = the row says nothing. */
  mode: 0,
  size: 1,
  mtime: 2,
  mtimeNanos: 3,
  uid: 4,
  gid: 5,
  linkTarget: 6,
  rdevMajor: 7,
  rdevMinor: 8,
  xattrs: 9,
  digest: 10,
  link: 11,
  atime: 12,
  atimeNanos: 13,
  crtime: 14,
  crtimeNanos: 15,
} as const;

/** One more than the largest key. */
export const attributeKeyCount = 16;

/** Columns by key; undefined = a side table. */
export const columnOfKey = [
  "mode",
  "size",
  "mtime",
  "mtimeNanos",
  "uid",
  "gid",
  undefined,
  "rdevMajor",
  "rdevMinor",
  undefined,
  undefined,
  undefined,
  "atime",
  "atimeNanos",
  "crtime",
  "crtimeNanos",
] as const;

const none = 0xffff_ffff;

/** The largest value of each column, by key; times may be negative, too. */
export const columnMax: readonly number[] = [
  0xffff,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER,
  999_999_999,
  none,
  none,
  0,
  none,
  none,
  0,
  0,
  0,
  Number.MAX_SAFE_INTEGER,
  999_999_999,
  Number.MAX_SAFE_INTEGER,
  999_999_999,
];

/** Says whether values of this key may be negative. */
export function isSigned(key: number): boolean {
  return key === attributeKey.mtime || key === attributeKey.atime || key === attributeKey.crtime;
}
