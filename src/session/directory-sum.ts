// What stands for the record of a directory where the target may have the very same: a digest of what both ends can tell
// of it. A tree that has not changed is a few bytes for each directory then; of one that differs the record is asked for.

import type { ByteString } from "../base/index.ts";
import { CborWriter } from "../changeset/index.ts";
import { blake3 } from "../hash/index.ts";
import { type Directory, isDirectory, isRegular, isSymlink } from "../tree/index.ts";
import { shared } from "./directory-record.ts";
import { openCursor } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";

/** What of entries counts besides name, type, permissions, size of files, time and link target. 0 = there are no sums. */
export const sumColumns = { on: 1, owner: 2, group: 4 } as const;

/** In the place of a directory's record. */
export interface DirectorySum {
  /** Bytes of the directory's path that are DirectoryRecord.top. */
  readonly topBytes: number;
  readonly sum: Uint8Array;
}

/** Names of the ids in a listing, in the order in which they are first met. */
export interface ListedNames {
  readonly users: ReadonlyMap<number, ByteString>;
  readonly groups: ReadonlyMap<number, ByteString>;
}

const sumBytes = 16;
const sumFields = 2;
/** The first byte of a sum: an array of two. A record has more fields. */
const sumHead = 0x80 + sumFields;
/** Of each entry: size, time; nanoseconds, mode, owner, group, length of the name. */
const [floatsOf, wordsOf] = [2, 5];

const writer = new CborWriter(64);
const scratch = { bytes: new Uint8Array(0) };

/**
 * Returns the digest of a listing, for as many columns as are told; undefined = not everything that may matter about these
 * entries is in it. Numbers are little-endian where it is worth anything: elsewhere no two ends have the same.
 */
export function sumOfListing(
  listing: Directory,
  columns: number,
  { users, groups }: ListedNames,
): Uint8Array | undefined {
  const { count, mode, size, mtime, mtimeNanos, uid, gid, nameLength } = listing;
  if (!listing.complete || listing.xattrs.size > 0) return undefined;
  const hasOwner = (columns & sumColumns.owner) !== 0;
  const hasGroup = (columns & sumColumns.group) !== 0;
  let texts = "";
  if (hasOwner) texts += namesText("u", users);
  if (hasGroup) texts += namesText("g", groups);
  const numberBytes = count * (floatsOf * 8 + wordsOf * 4);
  let bytes = makeRoom(numberBytes + listing.namesUsed);
  const floats = new Float64Array(bytes.buffer, 0, count * floatsOf);
  const words = new Uint32Array(bytes.buffer, count * floatsOf * 8, count * wordsOf);
  let end = numberBytes;
  for (let i = 0, f = 0, w = 0; i < count; i++) {
    const type = mode[i] as number;
    if (isSymlink(type)) {
      const target = listing.linkTargets.get(i);
      if (target === undefined) return undefined;
      texts += `${target}\0`;
    } else if (!isRegular(type) && !isDirectory(type)) return undefined;
    floats[f++] = isRegular(type) ? (size[i] as number) : 0;
    floats[f++] = mtime[i] as number;
    words[w++] = mtimeNanos[i] as number;
    words[w++] = type;
    words[w++] = hasOwner ? (uid[i] as number) : 0;
    words[w++] = hasGroup ? (gid[i] as number) : 0;
    words[w++] = nameLength[i] as number;
    const { names, nameStart } = listing;
    const from = nameStart[i] as number;
    for (let at = from, stop = from + (nameLength[i] as number); at < stop; at++) {
      bytes[end++] = names[at] as number;
    }
  }
  if (texts !== "") {
    bytes = makeRoom(end + texts.length);
    for (let i = 0; i < texts.length; i++) bytes[end++] = texts.charCodeAt(i);
  }
  return blake3(bytes, 0, end).slice(0, sumBytes);
}

function namesText(kind: "u" | "g", names: ReadonlyMap<number, ByteString>): string {
  let text = "";
  for (const [id, name] of names) text += `${kind}${id}:${name}\0`;
  return text;
}

/** Returns memory of at least so many bytes; what is in it stays. */
function makeRoom(bytes: number): Uint8Array {
  if (scratch.bytes.length < bytes) {
    const grown = new Uint8Array(Math.max(bytes, 2 * scratch.bytes.length, 4096));
    grown.set(scratch.bytes);
    scratch.bytes = grown;
  }
  return scratch.bytes;
}

/** Returns what is sent in the place of a record, in shared memory. */
export function encodeDirectorySum({ topBytes, sum }: DirectorySum): Uint8Array {
  writer.clear();
  writer.array(sumFields);
  writer.int(topBytes);
  writer.bytes(sum);
  return shared(writer.written);
}

/** Says whether what came of a directory is a sum; whoever reads it will see whether it is a good one. */
export function isDirectorySum(bytes: Uint8Array): boolean {
  return bytes[0] === sumHead;
}

/** Reads what stands in the place of a record. Throws a protocol-data error for anything that is none. */
export function decodeDirectorySum(bytes: Uint8Array): DirectorySum {
  const cursor = openCursor(bytes);
  if (cursor.array("sum", sumFields) !== sumFields) throw cursor.error("sum", "it has two fields");
  const topBytes = cursor.uint("top", limits.pathBytes);
  if (cursor.byteRange("sum", sumBytes) !== sumBytes) {
    throw cursor.error("sum", `it has not ${sumBytes} bytes`);
  }
  const sum = cursor.bytes.slice(cursor.start, cursor.stop);
  cursor.finish("sum");
  return { topBytes, sum };
}
