// What the source sends of a directory's files: a record of each, and behind the records the bytes of
// all of them, one after the other. Made and read in lanes. The bytes lie where they came; nothing is
// copied but when it is compressed.

import type { ByteString } from "../base/index.ts";
import { type CborCursor, CborWriter, compressPiece, decompressPiece } from "../changeset/index.ts";
import { messageCursor, openCursor } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";
import { putAnswer, readAnswer, type SameAnswer } from "./same-record.ts";

/** Where bytes of a file come from: so many of those that were sent, what stands there in the basis, or parts that the target said it holds. */
export type Segment =
  | { readonly kind: "literal"; readonly length: number }
  | { readonly kind: "basis"; readonly offset: number; readonly length: number }
  | { readonly kind: "held"; readonly length: number };

/** What a file was when it was read, which may no longer be what was listed. */
export interface SentState {
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  /** Where in the file that begins what was sent: 0, unless a piece was wanted. */
  readonly position: number;
  /** rsync's checksum of the whole file, from an end that speaks that; the last piece has it. MD5 or SHA-1, by its length. */
  readonly sum?: Uint8Array;
}

/** What became of a wanted file. */
export type SentFile =
  | ({
      readonly row: number;
      readonly kind: "whole";
      /** Bytes that were sent. */
      readonly length: number;
    } & SentState)
  | ({
      readonly row: number;
      readonly kind: "segments";
      /** Of the bytes that the segments make; empty = the whole file's sum proves them. */
      readonly digest: Uint8Array;
      readonly segments: readonly Segment[];
    } & SentState)
  | {
      readonly row: number;
      readonly kind: "same";
      /** As what: 0 = as what stands under the name, else as the file whose digest was so far down the list. */
      readonly number: number;
    }
  | {
      /** Not its content, but its chunks. */
      readonly row: number;
      readonly kind: "chunks";
      /** Of the file. */
      readonly size: number;
      /** Bytes of the list of chunks. */
      readonly length: number;
    }
  | {
      readonly row: number;
      readonly kind: "problem";
      readonly operation: ByteString;
      readonly errno: number;
      readonly message: ByteString | undefined;
    };

/** Content as it was sent, before its records are read. Views of the message where nothing was compressed. */
export interface SentContent {
  /** Of the records and the bytes. */
  readonly digest: Uint8Array;
  readonly records: Uint8Array;
  readonly bytes: Uint8Array;
}

const writer = new CborWriter(4096);
/** How many entries the directory has is for others to know. */
const rowsMax = 2 ** 32;
/** What is compressed to see whether the rest would be. Arbitrary: more than what compression looks back. */
const sampleBytes = 8192;
/** It is sent compressed if that is so many bytes less. */
const packedGainMin = 64;
/** A file with a sum has that, and nothing, behind its other fields: the count of fields tells what it is. */
const sumFieldsMore = 2;

/** Returns the records of files, and behind them the answer to a question, good until the next call. */
export function encodeSentFiles(
  files: readonly SentFile[],
  same?: SameAnswer | undefined,
): Uint8Array {
  writer.clear();
  writer.array(files.length);
  for (const file of files) encodeFile(file);
  if (same !== undefined) putAnswer(writer, same);
  return writer.written;
}

/**
 * Returns the parts that content is sent as; the last one is `content.bytes` itself unless it was compressed, which is
 * done if `compresses` and if it is of use.
 */
export function encodeContent(content: SentContent, compresses: boolean): [Uint8Array, Uint8Array] {
  const { digest, records, bytes } = content;
  const isTried = compresses && bytes.length > packedGainMin && isCompressible(bytes);
  const packed = isTried ? compressPiece("deflate", bytes) : bytes;
  const isPacked = packed.length < bytes.length - packedGainMin;
  const body = isPacked ? packed : bytes;
  const head = encodeContentStart({ digest, records }, body.length, isPacked ? bytes.length : 0);
  return [head, body];
}

/** Returns what stands before so many bytes of content; `unpacked`: how many they are when they are no longer compressed, 0 = they are not. */
export function encodeContentStart(
  { digest, records }: Pick<SentContent, "digest" | "records">,
  length: number,
  unpacked = 0,
): Uint8Array {
  const head = new CborWriter(records.length + 64);
  head.array(4);
  head.int(unpacked);
  head.bytes(digest);
  head.bytes(records);
  head.bytesHead(length);
  return head.written;
}

/** Says whether compressing is worth trying: a part of much tells for all of it. */
function isCompressible(bytes: Uint8Array): boolean {
  if (bytes.length < 4 * sampleBytes) return true;
  const middle = bytes.length >>> 1;
  const sample = bytes.subarray(middle, middle + sampleBytes);
  return compressPiece("deflate", sample).length < sampleBytes - sampleBytes / 32;
}

function encodeFile(file: SentFile): void {
  const { row } = file;
  if (file.kind === "same") {
    writer.array(file.number === 0 ? 1 : 2);
    writer.int(row);
    if (file.number > 0) writer.int(file.number);
    return;
  }
  if (file.kind === "chunks") {
    writer.array(3);
    for (const field of [row, file.size, file.length]) writer.int(field);
    return;
  }
  if (file.kind === "problem") {
    writer.array(4);
    writer.int(row);
    writer.byteString(file.operation);
    writer.int(file.errno);
    if (file.message === undefined) writer.null();
    else writer.byteString(file.message);
    return;
  }
  const sumFields = file.sum === undefined ? 0 : sumFieldsMore;
  writer.array((file.kind === "whole" ? 6 : 7) + sumFields);
  writer.int(row);
  writer.int(file.size);
  writer.int(file.mtime);
  writer.int(file.mtimeNanos);
  writer.int(file.position);
  if (file.kind === "whole") writer.int(file.length);
  else {
    writer.bytes(file.digest);
    encodeSegments(file.segments);
  }
  if (file.sum === undefined) return;
  writer.bytes(file.sum);
  writer.null();
}

function encodeSegments(segments: readonly Segment[]): void {
  writer.array(segments.length);
  for (const segment of segments) {
    if (segment.kind !== "literal") writer.array(segment.kind === "held" ? 1 : 2);
    if (segment.kind === "basis") writer.int(segment.offset);
    writer.int(segment.length);
  }
}

/** Opens what was sent. Throws what messageCursor throws. */
export function decodeContent(message: Uint8Array): SentContent {
  const cursor = messageCursor(message, "content", 4);
  const plainLength = cursor.uint("length", limits.contentBytes);
  const digest = cursor.copyBytes("digest", limits.digestBytes);
  const records = viewOf(cursor, "files", limits.contentBytes);
  const body = viewOf(cursor, "bytes", limits.contentBytes);
  const { start } = cursor;
  cursor.finish("content");
  if (plainLength === 0) return { digest, records, bytes: body };
  const bytes = decompressPiece("deflate", body, plainLength);
  if (bytes === undefined) throw cursor.error("bytes", "they cannot be decompressed", start);
  return { digest, records, bytes };
}

function viewOf(cursor: CborCursor, field: string, max: number): Uint8Array {
  cursor.byteRange(field, max);
  return cursor.bytes.subarray(cursor.start, cursor.stop);
}

/** What records say. */
export interface SentRecords {
  readonly files: readonly SentFile[];
  /** Undefined = nothing was asked. */
  readonly same: SameAnswer | undefined;
}

/** Reads the records of content that has so many bytes: they are all accounted for. Throws as decodeContent. */
export function decodeSentFiles(records: Uint8Array, bytes: number): SentRecords {
  const cursor = openCursor(records);
  const files: SentFile[] = [];
  let left = bytes;
  for (let count = cursor.array("files", limits.items); count > 0; count--) {
    const begin = cursor.at;
    const file = decodeFile(cursor);
    left -= literalBytes(file);
    if (left < 0) throw cursor.error("file", "it has more bytes than came", begin);
    files.push(file);
  }
  if (left > 0) throw cursor.error("files", `${left} bytes are of none of them`);
  const same = cursor.at < cursor.end ? readAnswer(cursor, rowsMax) : undefined;
  cursor.finish("files");
  return { files, same };
}

/** Returns how many of the bytes that came are of the file. */
export function literalBytes(file: SentFile): number {
  if (file.kind === "whole" || file.kind === "chunks") return file.length;
  if (file.kind !== "segments") return 0;
  let sum = 0;
  for (const segment of file.segments) if (segment.kind === "literal") sum += segment.length;
  return sum;
}

function decodeFile(cursor: CborCursor): SentFile {
  const begin = cursor.at;
  const fields = cursor.array("file", 7 + sumFieldsMore);
  const row = cursor.uint("row", rowsMax - 1);
  if (fields === 1) return { row, kind: "same", number: 0 };
  if (fields === 2) {
    return { row, kind: "same", number: cursor.uint("number", limits.knownDigests) };
  }
  if (fields === 3) {
    return { row, kind: "chunks", size: cursor.uint("size"), length: cursor.uint("bytes") };
  }
  if (fields === 4) {
    const operation = cursor.byteString("operation", limits.nameBytes);
    const errno = cursor.uint("errno", 4095);
    const message = cursor.isNull() ? undefined : cursor.byteString("message", limits.textBytes);
    return { row, kind: "problem", operation, errno, message };
  }
  if (fields < 6) throw cursor.error("file", `it has ${fields} fields`, begin);
  const size = cursor.uint("size");
  const mtime = cursor.int("mtime");
  const mtimeNanos = cursor.uint("mtime nanoseconds", 999_999_999);
  const position = cursor.uint("position");
  // Written out: copying the fields of another object costs as much as reading them.
  if (fields === 6) {
    const length = cursor.uint("bytes");
    return { row, kind: "whole", size, mtime, mtimeNanos, position, length };
  }
  const about = { row, size, mtime, mtimeNanos, position };
  if (fields === 6 + sumFieldsMore) {
    const length = cursor.uint("bytes");
    return { ...about, kind: "whole", length, sum: decodeSum(cursor) };
  }
  const digest = cursor.copyBytes("digest", limits.digestBytes);
  const segments = decodeSegments(cursor);
  if (fields === 7) return { ...about, kind: "segments", digest, segments };
  return { ...about, kind: "segments", digest, segments, sum: decodeSum(cursor) };
}

function decodeSum(cursor: CborCursor): Uint8Array {
  const begin = cursor.at;
  const sum = cursor.copyBytes("sum", limits.digestBytes);
  if (!cursor.isNull()) throw cursor.error("sum", "something stands behind it", begin);
  return sum;
}

function decodeSegments(cursor: CborCursor): Segment[] {
  const segments: Segment[] = [];
  for (let left = cursor.array("segments", limits.tokens); left > 0; left--) {
    if (!cursor.isMajor(4)) {
      segments.push({ kind: "literal", length: cursor.uint("literal") });
      continue;
    }
    const fields = cursor.array("segment", 2);
    if (fields === 0) throw cursor.error("segment", "it has no fields");
    if (fields === 1) segments.push({ kind: "held", length: cursor.uint("length") });
    else {
      const offset = cursor.uint("offset");
      segments.push({ kind: "basis", offset, length: cursor.uint("length") });
    }
  }
  return segments;
}
