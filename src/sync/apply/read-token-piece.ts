// Reads a piece of a large file for a target's end with rsync's protocol: there blocks are sent whole, so that a piece ends where
// a block does, and the next one begins there.

import { type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { blockChecksum } from "../../rsync/index.ts";
import {
  decodeSignature,
  type Segment,
  type SentFile,
  understand,
  type WantedFile,
} from "../../session/index.ts";
import { isRegular } from "../../tree/index.ts";
import { keepLiterals, matchSegments } from "./match-segments.ts";
import { fill, type Reading } from "./read-piece.ts";

const invalid = 22;
const stat = new Stat();

/** Reads a piece. Throws FsError. */
export function readTokenPiece(
  reading: Reading,
  file: FileHandle,
  wish: WantedFile,
  piece: NonNullable<WantedFile["piece"]>,
): SentFile {
  const { content, listing, room, signature } = reading;
  const { row } = wish;
  const { position } = piece;
  content.fs.statFile(file, stat);
  if (!isRegular(stat.mode)) throw new FsError(invalid, "open", listing.name(row));
  const { size, mtime, mtimeNanos } = stat;
  const state = { row, size, mtime, mtimeNanos, position };
  if (signature === undefined) {
    room.reserve(piece.length);
    const length = fill(reading, file, position, piece.length);
    room.used += length;
    return { ...state, kind: "whole", length };
  }
  const segments = matchPiece(reading, file, wish, piece);
  return { ...state, kind: "segments", digest: new Uint8Array(0), segments };
}

function matchPiece(
  reading: Reading,
  file: FileHandle,
  { inPlace }: WantedFile,
  { position, length }: NonNullable<WantedFile["piece"]>,
): Segment[] {
  const { lane, room, sums } = reading;
  const { id, record } = reading.signature as NonNullable<Reading["signature"]>;
  const index = lane.keptIndex.of(`far:${id}`, () =>
    understand("signature", () => decodeSignature(record)),
  );
  const { signature } = index;
  const { blockLength } = signature;
  room.reserve(length + blockLength);
  const got = fill(reading, file, position, length + blockLength);
  const bytes = room.bytes.subarray(room.used, room.used + got);
  const hash = sums && blockChecksum(sums);
  const all = matchSegments({ bytes, position }, { signature, index, inPlace, hash });
  const segments = got <= length ? all : wholeUpTo(all, length, blockLength);
  keepLiterals(room, room.used, segments);
  return segments;
}

/** Returns the segments that begin before `length`: literals cut there, blocks whole. */
function wholeUpTo(all: readonly Segment[], length: number, blockLength: number): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (const segment of all) {
    const room = length - at;
    if (room <= 0) break;
    if (segment.length <= room) segments.push(segment);
    else if (segment.kind === "basis") {
      // A run of blocks: those of which the first bytes lie before the end.
      const taken = Math.min(segment.length, Math.ceil(room / blockLength) * blockLength);
      segments.push({ ...segment, length: taken });
    } else segments.push({ ...segment, length: room });
    at += segment.length;
  }
  return segments;
}
