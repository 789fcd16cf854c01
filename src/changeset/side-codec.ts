// What an attribute's key may be, and the attributes that are no numbers (link targets, extended attributes, digests,
// links): for whoever writes entries one by one (state-codec.ts), and for whoever writes columns
// (listing-codec.ts).

import type { ByteString } from "../base/index.ts";
import type { Xattr } from "../tree/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { limits } from "./limits.ts";
import { readEntryPath } from "./paths.ts";
import { attributeKey, attributeKeyCount, type States } from "./states.ts";

/** Reads a key; `seen` has a bit for each that the map had before. */
export function readAttributeKey(cursor: CborCursor, seen: number): number {
  const begin = cursor.at;
  const key = cursor.uint("attribute key", attributeKeyCount - 1);
  if ((seen & (1 << key)) !== 0) throw cursor.error("attribute key", `${key} stands twice`, begin);
  return key;
}

/** Returns the side table of a key that has no column. */
export function sideTable(states: States, key: number): ReadonlyMap<number, unknown> {
  if (key === attributeKey.linkTarget) return states.columns.linkTargets;
  if (key === attributeKey.xattrs) return states.columns.xattrs;
  return key === attributeKey.digest ? states.digests : states.links;
}

/** Writes what row `i` has in the side table of a key; it must have something. */
export function encodeSide(writer: CborWriter, states: States, i: number, key: number): void {
  const { columns, digests, links } = states;
  if (key === attributeKey.linkTarget) writer.byteString(columns.linkTargets.get(i) as ByteString);
  else if (key === attributeKey.xattrs) encodeXattrs(writer, columns.xattrs.get(i) ?? []);
  else if (key === attributeKey.digest) writer.bytes(digests.get(i) as Uint8Array);
  else writer.byteString(links.get(i) as ByteString);
}

/** Reads what row `i` has in the side table of a key. */
export function decodeSide(cursor: CborCursor, states: States, i: number, key: number): void {
  if (key === attributeKey.linkTarget) states.columns.setLinkTarget(i, readLinkTarget(cursor));
  else if (key === attributeKey.xattrs) states.columns.setXattrs(i, readXattrs(cursor));
  else if (key === attributeKey.digest) states.digests.set(i, readDigest(cursor, "digest"));
  else states.links.set(i, readEntryPath(cursor, "link"));
}

function encodeXattrs(writer: CborWriter, xattrs: readonly Xattr[]): void {
  writer.array(xattrs.length);
  for (const { name, value } of xattrs) {
    writer.array(2);
    writer.byteString(name);
    writer.bytes(value);
  }
}

function readLinkTarget(cursor: CborCursor): string {
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

/** Names ascend, so that none stands twice. */
function readXattrs(cursor: CborCursor): Xattr[] {
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
