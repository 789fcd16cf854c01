// The head of a cache file: what it is, and of which root. It takes a whole number of entries' room, so that entries
// are found by number.
//
//   24 bytes "manifold digests 1", zeroes · words: 0x01020304 (byte order), bytes of the path · 32 bytes: BLAKE3 of the
//   path · the path, which is absolute · zeroes

import { type ByteString, fromBytes, toBytes } from "../base/index.ts";
import { type KeptFile, readKeptFile } from "../fs/index.ts";
import { digestOf } from "../hash/index.ts";
import { entryBytes } from "./entry.ts";

const magic = "manifold digests 1";
const orderMark = 0x01020304;
const wordsAt = 24;
const digestAt = 32;
const pathAt = 64;
/** Linux takes no longer ones. */
const pathBytesMax = 4096;

/** What the head of a file says. */
export interface FileHead {
  readonly root: ByteString;
  /** The number of the first entry. */
  readonly first: number;
}

/** Returns the head of a new file. */
export function encodeHead(root: ByteString): Uint8Array {
  const path = toBytes(root);
  const head = new Uint8Array(headEntries(path.length) * entryBytes);
  head.set(toBytes(magic));
  new Uint32Array(head.buffer, wordsAt, 2).set([orderMark, path.length]);
  head.set(digestOf("blake3", path), digestAt);
  head.set(path, pathAt);
  return head;
}

/** Reads the head of a file; undefined = it is none of ours. Throws FsError. */
export function readHead({ descriptor }: KeptFile): FileHead | undefined {
  const head = new Uint8Array(pathAt + pathBytesMax);
  const length = readKeptFile(descriptor, head, head.length, 0);
  const [order, pathBytes = 0] = new Uint32Array(head.buffer, wordsAt, 2);
  const isOurs = fromBytes(head, 0, wordsAt) === magic.padEnd(wordsAt, "\0");
  if (!isOurs || order !== orderMark || pathBytes > length - pathAt) return undefined;
  const path = head.subarray(pathAt, pathAt + pathBytes);
  if (Buffer.compare(digestOf("blake3", path), head.subarray(digestAt, pathAt)) !== 0)
    return undefined;
  return { root: fromBytes(path), first: headEntries(pathBytes) };
}

function headEntries(pathBytes: number): number {
  return Math.ceil((pathAt + pathBytes) / entryBytes);
}
