// Reads a piece of a large file that the target's end wishes for, matched with what the target has.

import { type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { digestOf, equalDigests } from "../../hash/index.ts";
import type { Checksums } from "../../rsync/index.ts";
import {
  decodeSignature,
  type HeldParts,
  type SentFile,
  understand,
  type WantedFile,
} from "../../session/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import { digestOpenFile } from "../lane/file-digest.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import type { ReadTask } from "../tasks/far-tasks.ts";
import type { ContentRoom } from "./content-room.ts";
import { cutSegments, keepLiterals, matchSegments, takeHeld } from "./match-segments.ts";

const invalid = 22;
const stat = new Stat();

/** What reading works with. */
export interface Reading {
  readonly lane: LaneContext;
  readonly content: OriginContent;
  readonly listing: Directory;
  readonly room: ContentRoom;
  readonly signature: ReadTask["signature"];
  /** The other end speaks rsync's protocol, with these checksums. */
  readonly sums?: Checksums | undefined;
}

/** Says whether the target knows of files that may have the very content. */
export function asksForDigest({ digest, known }: WantedFile): boolean {
  return digest !== undefined || known.length > 0;
}

/** Returns which of the files that the target knows has this digest, as it is told; undefined = none. */
export function numberOf(
  { digest: own, known }: WantedFile,
  digest: Uint8Array,
): number | undefined {
  if (own !== undefined && isDigestOf(own, digest)) return 0;
  const index = known.findIndex((one) => isDigestOf(one, digest));
  return index < 0 ? undefined : index + 1;
}

/** Says whether what the target knows is the beginning of a digest. */
function isDigestOf(known: Uint8Array, digest: Uint8Array): boolean {
  return equalDigests(known, digest.subarray(0, known.length));
}

/** Reads a piece. Throws FsError. */
export function readPiece(
  reading: Reading,
  file: FileHandle,
  wish: WantedFile,
  piece: NonNullable<WantedFile["piece"]>,
): SentFile {
  const { content, listing, room } = reading;
  const { row, held } = wish;
  const { fs } = content;
  const number = asksForDigest(wish)
    ? numberOf(wish, digestOpenFile(fs, file, "blake3"))
    : undefined;
  if (number !== undefined) return { row, kind: "same", number };
  const { position } = piece;
  const isPlain = reading.signature === undefined && held === undefined;
  const length = isPlain ? readPlain(reading, file, piece) : undefined;
  let matched: Matched | undefined;
  if (reading.signature !== undefined) matched = readMatched(reading, file, piece, wish);
  else if (held !== undefined) matched = readHeld(reading, file, piece, held);
  // Behind the reading: what has changed since shows in the next piece, or in the listing.
  fs.statFile(file, stat);
  if (!isRegular(stat.mode)) throw new FsError(invalid, "open", listing.name(row));
  const { size, mtime, mtimeNanos } = stat;
  const state = { row, size, mtime, mtimeNanos, position };
  if (matched !== undefined) return { ...state, kind: "segments", ...matched };
  room.used += length ?? 0;
  return { ...state, kind: "whole", length: length ?? 0 };
}

function readPlain(
  reading: Reading,
  file: FileHandle,
  { position, length }: { readonly position: number; readonly length: number },
): number {
  reading.room.reserve(length);
  return fill(reading, file, position, length);
}

/** Reads bytes of the file behind what the room is filled with; returns how many there were. Throws FsError. */
export function fill(
  { lane, content, room }: Reading,
  file: FileHandle,
  position: number,
  length: number,
): number {
  let done = 0;
  while (done < length) {
    lane.checkCancelled();
    const { bytes, used } = room;
    const got = content.fs.read(file, bytes, used + done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

type Matched = Pick<SentFile & { readonly kind: "segments" }, "digest" | "segments">;

/** Leaves out what the target holds. */
function readHeld(
  reading: Reading,
  file: FileHandle,
  piece: NonNullable<WantedFile["piece"]>,
  held: HeldParts,
): Matched {
  const { room } = reading;
  const start = room.used;
  const length = readPlain(reading, file, piece);
  const digest = digestOf("blake3", room.bytes, start, start + length);
  const whole = length === 0 ? [] : [{ kind: "literal", length } as const];
  const segments = takeHeld(whole, held, piece.position);
  keepLiterals(room, start, segments);
  return { digest, segments };
}

/**
 * Matches a piece together with a block on either side of it, and cuts: so blocks of the basis are found that the
 * piece's ends divide.
 */
function readMatched(
  reading: Reading,
  file: FileHandle,
  { position, length }: { readonly position: number; readonly length: number },
  { inPlace, held }: WantedFile,
): Matched {
  const { lane, room } = reading;
  const { id, record } = reading.signature as NonNullable<ReadTask["signature"]>;
  const index = lane.keptIndex.of(`far:${id}`, () =>
    understand("signature", () => decodeSignature(record)),
  );
  const { signature } = index;
  const { blockLength } = signature;
  const begin = Math.max(0, (Math.floor(position / blockLength) - 1) * blockLength);
  const wanted = position + length + blockLength - begin;
  room.reserve(wanted);
  const got = fill(reading, file, begin, wanted);
  const start = room.used + Math.min(got, position - begin);
  const stop = Math.min(room.used + got, start + length);
  const bytes = room.bytes.subarray(room.used, room.used + got);
  const all = matchSegments({ bytes, position: begin }, { signature, index, inPlace });
  const cut = cutSegments(all, start - room.used, stop - room.used);
  const segments = takeHeld(cut, held ?? [], position);
  const digest = digestOf("blake3", room.bytes, start, stop);
  keepLiterals(room, start, segments);
  return { digest, segments };
}
