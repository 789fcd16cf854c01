// The bodies of signature, data and problem records.

import { BLOCK_LENGTH_MAX, layoutOf, STRONG_LENGTH_MAX } from "../delta/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import { type CborWriter, headBytesOf } from "./cbor/writer.ts";
import { limits } from "./limits.ts";
import type { DataRecord, ProblemRecord, SignatureRecord, Token } from "./record.ts";
import { readDigest } from "./side-codec.ts";

const signatureFields = 7;
const problemFields = 6;
const roles = ["source", "target"] as const;
/** The tag of a typed array of 32-bit little-endian numbers (RFC 8746, section 2.1). */
const wordsTag = 70;
/** No operation has a longer name, and no system more error numbers (rsync's exit codes are below 256, too). */
const operationBytes = 64;
const errnoMax = 4095;
const exitMax = 255;

/** Writes a signature's body. */
export function encodeSignature(writer: CborWriter, record: Omit<SignatureRecord, "type">): void {
  const { weak, strong } = record;
  writer.array(signatureFields);
  writer.int(record.index);
  writer.int(record.basisLength);
  writer.int(record.blockLength);
  writer.int(record.strongLength);
  writer.int(record.firstBlock);
  writer.tag(wordsTag);
  const bytes = new Uint8Array(weak.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < weak.length; i++) view.setUint32(i * 4, weak[i] as number, true);
  writer.bytes(bytes);
  writer.bytes(strong);
}

/** Reads a signature's body. Whether the runs of one signature make a whole is not its matter. */
export function decodeSignature(cursor: CborCursor): SignatureRecord {
  const begin = cursor.at;
  if (cursor.array("signature", signatureFields) !== signatureFields) {
    throw cursor.error("signature", `it has ${signatureFields} fields`, begin);
  }
  // Of a listing it counts the entries of all records of a directory.
  const index = cursor.uint("index");
  const basisLength = cursor.uint("basis length");
  const blockLength = cursor.uint("block length", BLOCK_LENGTH_MAX);
  if (blockLength === 0) throw cursor.error("block length", "it is 0", begin);
  const strongLength = cursor.uint("strong length", STRONG_LENGTH_MAX);
  if (strongLength === 0) throw cursor.error("strong length", "it is 0", begin);
  const { count } = layoutOf(basisLength, blockLength);
  const firstBlock = cursor.uint("first block", count);
  const weak = decodeWords(cursor, count - firstBlock);
  const strong = cursor.copyBytes("strong sums", limits.contentBytes);
  if (strong.length !== weak.length * strongLength) {
    throw cursor.error("strong sums", `${strong.length} bytes for ${weak.length} blocks`, begin);
  }
  cursor.finish("signature");
  return {
    type: "signature",
    index,
    basisLength,
    blockLength,
    strongLength,
    firstBlock,
    weak,
    strong,
  };
}

function decodeWords(cursor: CborCursor, max: number): Uint32Array {
  const begin = cursor.at;
  if (cursor.tag("weak sums") !== wordsTag) {
    throw cursor.error("weak sums", `they have the tag ${wordsTag}`, begin);
  }
  const length = cursor.byteRange("weak sums", Math.min(max * 4, limits.contentBytes));
  if (length % 4 !== 0) throw cursor.error("weak sums", `${length} bytes`, begin);
  const view = new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset + cursor.start, length);
  const words = new Uint32Array(length / 4);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(i * 4, true);
  return words;
}

/** Returns how many bytes encodeData will write, so that what holds them can begin with their number. */
export function dataBytes({ index, tokens, digest }: Omit<DataRecord, "type">): number {
  let bytes = 1 + headBytesOf(index) + headBytesOf(tokens.length);
  for (const token of tokens) {
    if (token.kind === "literal") bytes += headBytesOf(token.bytes.length) + token.bytes.length;
    else if (token.kind === "all") bytes += 1;
    else bytes += 1 + headBytesOf(token.offset) + headBytesOf(token.length);
  }
  if (digest === null) return bytes + 1;
  return digest === undefined ? bytes : bytes + headBytesOf(digest.length) + digest.length;
}

/** Writes a data record's body. */
export function encodeData(writer: CborWriter, record: Omit<DataRecord, "type">): void {
  const { tokens, digest } = record;
  writer.array(digest === undefined ? 2 : 3);
  writer.int(record.index);
  writer.array(tokens.length);
  for (const token of tokens) {
    if (token.kind === "literal") writer.bytes(token.bytes);
    else if (token.kind === "all") writer.bool(true);
    else {
      writer.array(2);
      writer.int(token.offset);
      writer.int(token.length);
    }
  }
  if (digest === null) writer.null();
  else if (digest !== undefined) writer.bytes(digest);
}

/** Reads a data record's body. */
export function decodeData(cursor: CborCursor): DataRecord {
  const begin = cursor.at;
  const fields = cursor.array("data", 3);
  if (fields < 2) throw cursor.error("data", `${fields} fields`, begin);
  const index = cursor.uint("index", limits.entries - 1);
  const count = cursor.array("tokens", limits.tokens);
  const tokens: Token[] = [];
  for (let n = 0; n < count; n++) tokens.push(decodeToken(cursor));
  let digest: DataRecord["digest"];
  if (fields === 3) digest = cursor.isNull() ? null : readDigest(cursor, "content digest");
  cursor.finish("data");
  return { type: "data", index, tokens, digest };
}

function decodeToken(cursor: CborCursor): Token {
  const begin = cursor.at;
  if (cursor.isTrue()) return { kind: "all" };
  if (cursor.isMajor(4)) {
    if (cursor.array("copy", 2) !== 2) throw cursor.error("copy", "not a pair", begin);
    const offset = cursor.uint("copy offset");
    const length = cursor.uint("copy length");
    if (length === 0) throw cursor.error("copy length", "it is 0", begin);
    if (!Number.isSafeInteger(offset + length)) {
      throw cursor.error("copy", "it ends beyond all files", begin);
    }
    return { kind: "copy", offset, length };
  }
  if (cursor.byteRange("literal", limits.contentBytes) === 0) {
    throw cursor.error("literal", "it is empty", begin);
  }
  return { kind: "literal", bytes: cursor.bytes.subarray(cursor.start, cursor.stop) };
}

/** Writes a problem's body; what people read is cut off where it is too long. */
export function encodeProblem(writer: CborWriter, record: Omit<ProblemRecord, "type">): void {
  writer.array(problemFields);
  writer.byteString(record.path.slice(0, 2 * limits.pathBytes));
  writer.int(roles.indexOf(record.role));
  writer.text(record.operation);
  writer.int(record.errno);
  writer.int(record.exit);
  if (record.message === undefined) writer.null();
  else writer.byteString(record.message.slice(0, limits.textBytes));
}

/** Reads a problem's body. */
export function decodeProblem(cursor: CborCursor): ProblemRecord {
  const begin = cursor.at;
  if (cursor.array("problem", problemFields) !== problemFields) {
    throw cursor.error("problem", `it has ${problemFields} fields`, begin);
  }
  const path = cursor.byteString("problem path", 2 * limits.pathBytes);
  const role = roles[cursor.uint("role", roles.length - 1)] ?? "source";
  const operation = cursor.text("operation", operationBytes);
  const errno = cursor.uint("errno", errnoMax);
  const exit = cursor.uint("exit", exitMax);
  const message = cursor.isNull() ? undefined : cursor.byteString("message", limits.textBytes);
  cursor.finish("problem");
  return { type: "problem", path, role, operation, errno, exit, message };
}
