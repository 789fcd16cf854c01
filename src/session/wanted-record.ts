// What the target wants of a directory's files. Made and read in lanes.

import { assert } from "../base/index.ts";
import { type CborCursor, CborWriter } from "../changeset/index.ts";
import { type Signature, validateSignature } from "../delta/index.ts";
import { shared } from "./directory-record.ts";
import { openCursor } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";
import { digestFields, putDigests, type RowDigests, readDigests } from "./same-record.ts";

/** One file that the target wants, by its row in the directory's listing. */
export interface WantedFile {
  readonly row: number;
  /** Of what the target has under the name: the same content need not be sent. */
  readonly digest: Uint8Array | undefined;
  /** Of other files that the target has: if one of them has the same content, its number is the answer. */
  readonly known: readonly Uint8Array[];
  /** Of what the target has: blocks of it need not be sent. */
  readonly signature: Signature | undefined;
  /** Blocks are of use only where they stand, or further on in the file (--inplace). */
  readonly inPlace: boolean;
  /** Only this part is wanted; a signature that was sent before is its basis. Undefined = all of it. */
  readonly piece: { readonly position: number; readonly length: number } | undefined;
  /** Parts of what is wanted that the target has in some file of its own: they need not be sent. */
  readonly held?: HeldParts | undefined;
}

/** Parts of a file, in order and apart: position and length of each, one pair behind the other. */
export type HeldParts = readonly number[];

/** No file is wanted, but where content cuts it into chunks, and the digests of these. */
export interface ChunkWish {
  readonly row: number;
  /** The normal size is 2^bits. */
  readonly bits: number;
  /** Of at most chunkPieceBytes, from here on. */
  readonly position: number;
}

/** What is wished for of a directory's files. */
export interface Wishes {
  readonly files: readonly (WantedFile | ChunkWish)[];
  /** About other files of it, and without their content. */
  readonly question?: RowDigests | undefined;
}

/** How much of a file one wish for chunks is about. */
export const chunkPieceBytes = 64 * 1024 * 1024;

/** Fields of a wish for chunks, and of one that tells parts. */
const chunkFields = 3;
const heldFields = 8;
/** Bytes of the shortest digest that is believed. */
const knownDigestMin = 16;
const writer = new CborWriter(65_536);

/** Returns the wishes' bytes, in memory of their own. */
export function encodeWanted(
  files: Wishes["files"],
  question?: RowDigests | undefined,
): Uint8Array {
  writer.clear();
  writer.array(question === undefined ? 1 : 1 + digestFields);
  writer.array(files.length);
  for (const file of files) {
    if (isChunkWish(file)) {
      writer.array(chunkFields);
      for (const field of [file.row, file.bits, file.position]) writer.int(field);
    } else putWanted(file);
  }
  if (question !== undefined) putDigests(writer, question);
  return shared(writer.written);
}

/** Says whether only chunks are wanted. */
export function isChunkWish(file: WantedFile | ChunkWish): file is ChunkWish {
  return "bits" in file;
}

function putWanted({ row, digest, known, signature, inPlace, piece, held }: WantedFile): void {
  const fields = (piece === undefined ? 4 : 6) + (known.length > 0 ? 1 : 0);
  writer.array(held === undefined ? fields : heldFields);
  writer.int(row);
  if (digest === undefined) writer.null();
  else writer.bytes(digest);
  if (signature === undefined) writer.null();
  else putSignature(signature);
  writer.bool(inPlace);
  if (piece !== undefined) {
    writer.int(piece.position);
    writer.int(piece.length);
  } else if (held !== undefined) {
    writer.null();
    writer.null();
  }
  if (known.length > 0 || held !== undefined) {
    writer.array(known.length);
    for (const one of known) writer.bytes(one);
  }
  if (held === undefined) return;
  writer.array(held.length);
  for (const field of held) writer.int(field);
}

function putSignature({ fileLength, blockLength, strongLength, weak, strong }: Signature): void {
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

/**
 * Reads wishes for content, and nothing else, about a directory of `count` entries, for who answers no questions. Throws
 * what messageCursor throws.
 */
export function decodeWanted(bytes: Uint8Array, count: number): WantedFile[] {
  const { files, question } = decodeWishes(bytes, count);
  assert(question === undefined, "Only the other end of a session is asked.");
  return files.filter((wish): wish is WantedFile => !isChunkWish(wish));
}

/** Reads wishes of any kind. Throws what messageCursor throws. */
export function decodeWishes(bytes: Uint8Array, count: number): Wishes {
  const cursor = openCursor(bytes);
  const parts = cursor.array("request", 1 + digestFields);
  if (parts !== 1 && parts !== 1 + digestFields) {
    throw cursor.error("request", `it has ${parts} fields`);
  }
  const files: (WantedFile | ChunkWish)[] = [];
  for (let left = cursor.array("files", limits.items); left > 0; left--) {
    const begin = cursor.at;
    const fields = cursor.array("file", heldFields);
    if (fields < chunkFields) throw cursor.error("file", "fields are missing", begin);
    const row = cursor.uint("row", Math.max(0, count - 1));
    files.push(
      fields === chunkFields ? decodeChunks(cursor, row) : decodeFile(cursor, row, fields),
    );
  }
  const question = parts === 1 ? undefined : readDigests(cursor, count);
  cursor.finish("request");
  return { files, question };
}

function decodeChunks(cursor: CborCursor, row: number): ChunkWish {
  const begin = cursor.at;
  const bits = cursor.uint("bits of a chunk's size", limits.chunkBitsMax);
  if (bits < limits.chunkBitsMin) throw cursor.error("bits of a chunk's size", "too few", begin);
  return { row, bits, position: cursor.uint("position") };
}

function decodeFile(cursor: CborCursor, row: number, fields: number): WantedFile {
  const digest = cursor.isNull() ? undefined : decodeDigest(cursor);
  const signature = cursor.isNull() ? undefined : readSignature(cursor);
  const inPlace = cursor.bool("in place");
  const tellsParts = fields === heldFields;
  const piece = fields < 6 || (tellsParts && isNoPiece(cursor)) ? undefined : decodePiece(cursor);
  const known = fields % 2 === 0 && !tellsParts ? nothingKnown : decodeKnown(cursor);
  const held = tellsParts ? decodeHeld(cursor) : undefined;
  return { row, digest, known, signature, inPlace, piece, ...(held && { held }) };
}

/** Where there may be a piece, two nulls say that there is none. */
function isNoPiece(cursor: CborCursor): boolean {
  if (!cursor.isNull()) return false;
  if (!cursor.isNull()) throw cursor.error("length", "it is of a piece that begins nowhere");
  return true;
}

function decodeHeld(cursor: CborCursor): HeldParts {
  const begin = cursor.at;
  const count = cursor.array("parts", 2 * limits.heldParts);
  const held: number[] = [];
  let end = 0;
  for (let left = count; left >= 2; left -= 2) {
    const [position, length] = [cursor.uint("part"), cursor.uint("length")];
    if (position < end || length === 0) throw cursor.error("part", "it is not behind the others");
    end = position + length;
    held.push(position, length);
  }
  if (count % 2 === 1) throw cursor.error("parts", "one has no length", begin);
  return held;
}

const nothingKnown: readonly Uint8Array[] = [];

function decodeKnown(cursor: CborCursor): readonly Uint8Array[] {
  const known: Uint8Array[] = [];
  for (let left = cursor.array("digests", limits.knownDigests); left > 0; left--) {
    known.push(decodeDigest(cursor));
  }
  return known;
}

/** A short one would be that of anything. */
function decodeDigest(cursor: CborCursor): Uint8Array {
  const begin = cursor.at;
  const digest = cursor.copyBytes("digest", limits.digestBytes);
  if (digest.length < knownDigestMin) throw cursor.error("digest", "it is too short", begin);
  return digest;
}

function decodePiece(cursor: CborCursor): WantedFile["piece"] {
  const position = cursor.uint("position");
  return { position, length: cursor.uint("length", limits.pieceBytes) };
}

/** Returns the bytes of a signature, in memory of their own. */
export function encodeSignature(signature: Signature): Uint8Array {
  writer.clear();
  putSignature(signature);
  return shared(writer.written);
}

/** Reads a signature. Throws what messageCursor throws. */
export function decodeSignature(bytes: Uint8Array): Signature {
  const cursor = openCursor(bytes);
  const signature = readSignature(cursor);
  cursor.finish("signature");
  return signature;
}

function readSignature(cursor: CborCursor): Signature {
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
