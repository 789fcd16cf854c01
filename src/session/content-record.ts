// What the target wants of a directory's files, and what the source sends of them. Made and read in
// lanes; what is sent lies where it came, nothing is copied but when it is compressed.

import type { ByteString } from "../base/index.ts";
import { type CborCursor, CborWriter, compressPiece, decompressPiece } from "../changeset/index.ts";
import { type Signature, validateSignature } from "../delta/index.ts";
import { shared } from "./directory-record.ts";
import { messageCursor, openCursor } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";

/** One file that the target wants, by its row in the directory's listing. */
export interface WantedFile {
  readonly row: number;
  /** Of what the target has under the name: the same content need not be sent. */
  readonly digest: Uint8Array | undefined;
  /** Of what the target has: blocks of it need not be sent. */
  readonly signature: Signature | undefined;
  /** Blocks are of use only where they stand, or further on in the file (--inplace). */
  readonly inPlace: boolean;
}

/** Where bytes of a file come from. */
export type Segment =
  | { readonly kind: "literal"; readonly bytes: Uint8Array }
  | { readonly kind: "basis"; readonly offset: number; readonly length: number };

/** What became of a wanted file. */
export type SentFile =
  | {
      readonly row: number;
      readonly kind: "content";
      /** What the file is now, which may no longer be what was listed. */
      readonly size: number;
      readonly mtime: number;
      readonly mtimeNanos: number;
      /** Of the bytes that the segments make. */
      readonly digest: Uint8Array;
      readonly segments: readonly Segment[];
    }
  | { readonly row: number; readonly kind: "same" }
  | {
      readonly row: number;
      readonly kind: "problem";
      readonly operation: ByteString;
      readonly errno: number;
      readonly message: ByteString | undefined;
    };

const writer = new CborWriter(65_536);

/** Returns the wishes' bytes, in memory of their own. */
export function encodeWanted(files: readonly WantedFile[]): Uint8Array {
  writer.clear();
  writer.array(1);
  writer.array(files.length);
  for (const { row, digest, signature, inPlace } of files) {
    writer.array(4);
    writer.int(row);
    if (digest === undefined) writer.null();
    else writer.bytes(digest);
    if (signature === undefined) writer.null();
    else encodeSignature(signature);
    writer.bool(inPlace);
  }
  return shared(writer.written);
}

function encodeSignature({ fileLength, blockLength, strongLength, weak, strong }: Signature): void {
  writer.array(5);
  writer.int(fileLength);
  writer.int(blockLength);
  writer.int(strongLength);
  writer.bytesHead(weak.length * 4);
  writer.raw(littleEndian(weak));
  writer.bytes(strong);
}

/** The machine's own order is little-endian wherever Node runs today; asserted by a test. */
function littleEndian(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** Reads wishes about a directory of `count` entries. Throws what messageCursor throws. */
export function decodeWanted(bytes: Uint8Array, count: number): WantedFile[] {
  const cursor = messageCursor(bytes, "request", 1);
  const files: WantedFile[] = [];
  for (let left = cursor.array("files", limits.items); left > 0; left--) {
    if (cursor.array("file", 4) !== 4) throw cursor.error("file", "it has not 4 fields");
    const row = cursor.uint("row", Math.max(0, count - 1));
    const digest = cursor.isNull() ? undefined : cursor.copyBytes("digest", limits.digestBytes);
    const signature = cursor.isNull() ? undefined : decodeSignature(cursor);
    files.push({ row, digest, signature, inPlace: cursor.bool("in place") });
  }
  cursor.finish("request");
  return files;
}

function decodeSignature(cursor: CborCursor): Signature {
  const begin = cursor.at;
  if (cursor.array("signature", 5) !== 5) throw cursor.error("signature", "it has not 5 fields");
  const fileLength = cursor.uint("file length");
  const blockLength = cursor.uint("block length", 131_072);
  const strongLength = cursor.uint("strong length", limits.digestBytes);
  if (blockLength === 0) throw cursor.error("block length", "it is 0", begin);
  const count = Math.ceil(fileLength / blockLength);
  const weakBytes = cursor.copyBytes("weak sums", limits.weakBytes);
  if (weakBytes.length !== count * 4) throw cursor.error("weak sums", "not one a block", begin);
  const strong = cursor.copyBytes("strong sums", limits.strongBytes);
  const weak = new Uint32Array(weakBytes.slice().buffer);
  const remainder = fileLength % blockLength;
  const signature = { fileLength, blockLength, count, remainder, weak, strong, strongLength };
  validateSignature(signature);
  return signature;
}

/** Returns the bytes of what is sent, in memory of its own, compressed if that is wanted and of use. */
export function encodeSent(files: readonly SentFile[], compresses: boolean): Uint8Array {
  writer.clear();
  writer.array(files.length);
  for (const file of files) encodeFile(file);
  const plain = writer.written;
  const packed = compresses ? compressPiece("deflate", plain) : plain;
  const isPacked = packed.length < plain.length - 64;
  const body = isPacked ? packed : plain;
  const head = new CborWriter(32);
  head.array(2);
  head.int(isPacked ? plain.length : 0);
  head.bytesHead(body.length);
  const whole = new Uint8Array(new SharedArrayBuffer(head.length + body.length));
  whole.set(head.written, 0);
  whole.set(body, head.length);
  return whole;
}

function encodeFile(file: SentFile): void {
  if (file.kind === "same") {
    writer.array(1);
    writer.int(file.row);
    return;
  }
  if (file.kind === "problem") {
    writer.array(4);
    writer.int(file.row);
    writer.byteString(file.operation);
    writer.int(file.errno);
    if (file.message === undefined) writer.null();
    else writer.byteString(file.message);
    return;
  }
  writer.array(6);
  writer.int(file.row);
  writer.int(file.size);
  writer.int(file.mtime);
  writer.int(file.mtimeNanos);
  writer.bytes(file.digest);
  writer.array(file.segments.length);
  for (const segment of file.segments) {
    if (segment.kind === "literal") writer.bytes(segment.bytes);
    else {
      writer.array(2);
      writer.int(segment.offset);
      writer.int(segment.length);
    }
  }
}

/** Reads what was sent; literals stay where they lie in `bytes` unless they were compressed. */
export function decodeSent(bytes: Uint8Array): SentFile[] {
  const outer = messageCursor(bytes, "content", 2);
  const length = outer.uint("length", limits.contentBytes);
  outer.byteRange("content", limits.contentBytes);
  const { start, stop } = outer;
  outer.finish("content");
  if (length === 0) return decodeFiles(bytes, start, stop);
  const plain = decompressPiece("deflate", bytes.subarray(start, stop), length);
  if (plain === undefined) throw outer.error("content", "it cannot be decompressed", start);
  return decodeFiles(plain, 0, plain.length);
}

function decodeFiles(bytes: Uint8Array, start: number, stop: number): SentFile[] {
  const cursor = openCursor(bytes, start, stop);
  const files: SentFile[] = [];
  for (let left = cursor.array("files", limits.items); left > 0; left--) {
    files.push(decodeFile(cursor));
  }
  cursor.finish("content");
  return files;
}

function decodeFile(cursor: CborCursor): SentFile {
  const begin = cursor.at;
  const fields = cursor.array("file", 6);
  const row = cursor.uint("row", 0xffff_ffff);
  if (fields === 1) return { row, kind: "same" };
  if (fields === 4) {
    const operation = cursor.byteString("operation", limits.nameBytes);
    const errno = cursor.uint("errno", 4095);
    const message = cursor.isNull() ? undefined : cursor.byteString("message", limits.textBytes);
    return { row, kind: "problem", operation, errno, message };
  }
  if (fields !== 6) throw cursor.error("file", `it has ${fields} fields`, begin);
  const size = cursor.uint("size");
  const mtime = cursor.int("mtime");
  const mtimeNanos = cursor.uint("mtime nanoseconds", 999_999_999);
  const digest = cursor.copyBytes("digest", limits.digestBytes);
  const segments: Segment[] = [];
  for (let left = cursor.array("segments", limits.tokens); left > 0; left--) {
    if (cursor.isMajor(2)) {
      cursor.byteRange("literal", limits.contentBytes);
      segments.push({ kind: "literal", bytes: cursor.bytes.subarray(cursor.start, cursor.stop) });
    } else {
      if (cursor.array("segment", 2) !== 2) throw cursor.error("segment", "it has not 2 fields");
      segments.push({
        kind: "basis",
        offset: cursor.uint("offset"),
        length: cursor.uint("length"),
      });
    }
  }
  return { row, kind: "content", size, mtime, mtimeNanos, digest, segments };
}
