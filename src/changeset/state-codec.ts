// One entry's attributes as a CBOR map with small numbers for keys, between bytes and a row of
// columns. Used for the entries of changesets; listings have whole columns (column-codec.ts).

import { isSymlink, typeMask, type Xattr } from "../tree/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { limits } from "./limits.ts";
import { readEntryPath } from "./paths.ts";
import { clearState } from "./state-rows.ts";
import {
  attributeKey,
  attributeKeyCount,
  columnMax,
  columnOfKey,
  isSigned,
  type States,
} from "./states.ts";

/** Type bits that a mode may have: those of sockets, links, files, block devices, directories, character devices, fifos. */
const knownTypes = new Set([0o140000, 0o120000, 0o100000, 0o060000, 0o040000, 0o020000, 0o010000]);

/** Writes row `i`: a map of what is not 0 or absent, keys ascending. */
export function encodeState(writer: CborWriter, states: States, i: number): void {
  const { byKey } = states;
  writer.map(countAttributes(states, i));
  for (let key = 0; key < attributeKeyCount; key++) {
    const column = byKey[key];
    if (column === undefined) encodeSide(writer, states, i, key);
    else {
      const value = column[i] as number;
      if (value === 0) continue;
      writer.int(key);
      writer.int(value);
    }
  }
}

function countAttributes({ byKey, columns, digests, links }: States, i: number): number {
  let count = 0;
  for (let key = 0; key < attributeKeyCount; key++) {
    const column = byKey[key];
    if (column !== undefined && column[i] !== 0) count++;
  }
  if (columns.linkTargets.has(i)) count++;
  if (columns.xattrs.has(i)) count++;
  if (digests.has(i)) count++;
  if (links.has(i)) count++;
  return count;
}

function encodeSide(writer: CborWriter, states: States, i: number, key: number): void {
  const { columns, digests, links } = states;
  if (key === attributeKey.linkTarget) {
    const target = columns.linkTargets.get(i);
    if (target === undefined) return;
    writer.int(key);
    writer.byteString(target);
  } else if (key === attributeKey.xattrs) {
    const xattrs = columns.xattrs.get(i);
    if (xattrs === undefined) return;
    writer.int(key);
    encodeXattrs(writer, xattrs);
  } else if (key === attributeKey.digest) {
    const digest = digests.get(i);
    if (digest === undefined) return;
    writer.int(key);
    writer.bytes(digest);
  } else {
    const link = links.get(i);
    if (link === undefined) return;
    writer.int(key);
    writer.byteString(link);
  }
}

/** Writes extended attributes: an array of pairs. */
export function encodeXattrs(writer: CborWriter, xattrs: readonly Xattr[]): void {
  writer.array(xattrs.length);
  for (const { name, value } of xattrs) {
    writer.array(2);
    writer.byteString(name);
    writer.bytes(value);
  }
}

/** Reads a map of attributes into row `i`, which has a name and room already, and checks that they fit one another. */
export function decodeState(cursor: CborCursor, states: States, i: number): void {
  const { byKey } = states;
  const begin = cursor.at;
  clearState(states, i);
  const count = cursor.map("attributes", attributeKeyCount);
  let seen = 0;
  for (let n = 0; n < count; n++) {
    const keyAt = cursor.at;
    const key = cursor.uint("attribute key", attributeKeyCount - 1);
    if ((seen & (1 << key)) !== 0) {
      throw cursor.error("attribute key", `${key} stands twice`, keyAt);
    }
    seen |= 1 << key;
    const column = byKey[key];
    if (column === undefined) decodeSide(cursor, states, i, key);
    else if (isSigned(key)) column[i] = cursor.int(columnOfKey[key] as string);
    else column[i] = cursor.uint(columnOfKey[key] as string, columnMax[key] as number);
  }
  checkState(cursor, states, i, begin);
}

function decodeSide(cursor: CborCursor, states: States, i: number, key: number): void {
  if (key === attributeKey.linkTarget) states.columns.setLinkTarget(i, readLinkTarget(cursor));
  else if (key === attributeKey.xattrs) states.columns.setXattrs(i, readXattrs(cursor));
  else if (key === attributeKey.digest) states.digests.set(i, readDigest(cursor, "digest"));
  else states.links.set(i, readEntryPath(cursor, "link"));
}

/** Reads where a symlink points. */
export function readLinkTarget(cursor: CborCursor): string {
  const begin = cursor.at;
  const target = cursor.byteString("link target", limits.linkTargetBytes);
  if (target === "") throw cursor.error("link target", "it is empty", begin);
  if (target.includes("\0")) throw cursor.error("link target", "it has a null byte", begin);
  return target;
}

/** Reads a digest of content or of a record. */
export function readDigest(cursor: CborCursor, field: string): Uint8Array {
  const begin = cursor.at;
  const digest = cursor.copyBytes(field, limits.digestBytes);
  if (digest.length !== limits.digestBytes) {
    throw cursor.error(field, `${digest.length} bytes instead of ${limits.digestBytes}`, begin);
  }
  return digest;
}

/** Reads extended attributes: names ascending, so that none stands twice. */
export function readXattrs(cursor: CborCursor): Xattr[] {
  const count = cursor.array("xattrs", limits.xattrCount);
  const xattrs: Xattr[] = [];
  let bytes = 0;
  for (let n = 0; n < count; n++) {
    const begin = cursor.at;
    if (cursor.array("xattr", 2) !== 2) throw cursor.error("xattr", "not a pair", begin);
    const name = cursor.byteString("xattr name", limits.xattrNameBytes);
    const last = xattrs[n - 1];
    if (name === "" || name.includes("\0")) {
      throw cursor.error("xattr name", "it is empty or has a null byte", begin);
    }
    if (last !== undefined && last.name >= name) {
      throw cursor.error("xattr name", "names are not in ascending order", begin);
    }
    const value = cursor.copyBytes("xattr value", limits.xattrValueBytes);
    bytes += name.length + value.length;
    if (bytes > limits.xattrBytes) {
      throw cursor.error("xattrs", `more than ${limits.xattrBytes} bytes`, begin);
    }
    xattrs.push({ name, value });
  }
  return xattrs;
}

/** Throws unless the row has a known type and what belongs to it. */
export function checkState(cursor: CborCursor, states: States, i: number, begin: number): void {
  const { columns } = states;
  const mode = columns.mode[i] as number;
  if (!knownTypes.has(mode & typeMask)) {
    throw cursor.error("mode", `0${mode.toString(8)} is of no known type`, begin);
  }
  if (isSymlink(mode) !== columns.linkTargets.has(i)) {
    throw cursor.error("link target", "symlinks have one, and nothing else has", begin);
  }
  const size = columns.size[i] as number;
  if (size > Number.MAX_SAFE_INTEGER) throw cursor.error("size", "too large", begin);
}
