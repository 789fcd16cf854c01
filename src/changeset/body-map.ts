// What the bodies of directory records have in common: the keys of their maps, and the names of
// users and groups.

import type { ByteString } from "../base/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { limits } from "./limits.ts";
import type { IdNames } from "./ordered-directory.ts";

/** Keys of the bodies of directory, late, closing and listing records, which stand in ascending order. */
export const bodyKey = {
  path: 0,
  /** Orders, or the names of a listing. */
  entries: 1,
  incomplete: 2,
  users: 3,
  groups: 4,
  /** Only in listings. */
  columns: 5,
} as const;

/** The largest of the keys. */
export const bodyKeyMax = bodyKey.columns;

const idMax = 0xffff_ffff;

/** Reads the next key, which must be `wanted`, or else larger than `last`. */
export function nextKey(cursor: CborCursor, wanted: number | undefined, last = -1): number {
  const begin = cursor.at;
  const key = cursor.uint("body key", bodyKeyMax);
  if (wanted === undefined ? key > last : key === wanted) return key;
  throw cursor.error("body key", `${key} stands where it should not`, begin);
}

/** Writes names of ids under a key, if there are any. */
export function encodeIdNames(writer: CborWriter, key: number, names: IdNames): void {
  if (names.size === 0) return;
  writer.int(key);
  writer.map(names.size);
  for (const [id, name] of names) {
    writer.int(id);
    writer.byteString(name);
  }
}

/** Reads names of ids. */
export function decodeIdNames(
  cursor: CborCursor,
  field: string,
  names: Map<number, ByteString>,
): void {
  const count = cursor.map(field, limits.idNames);
  for (let n = 0; n < count; n++) {
    const begin = cursor.at;
    const id = cursor.uint("id", idMax);
    if (names.has(id)) throw cursor.error("id", `${id} stands twice`, begin);
    const name = cursor.byteString("id name", limits.idNameBytes);
    if (name === "" || /[\0\n:]/.test(name)) {
      throw cursor.error("id name", "it is empty or has a character that names do not have", begin);
    }
    names.set(id, name);
  }
}
