// Reads what the target's end wishes for: files whole, or as blocks that the target has and what is
// between them. What a file is by then is told with it, and a digest of all of it.

import {
  closeRead,
  type DirHandle,
  type FileHandle,
  FsError,
  pickMark,
  Stat,
} from "../../fs/index.ts";
import { createDigest, digestOf } from "../../hash/index.ts";
import { blockChecksum } from "../../rsync/index.ts";
import {
  decodeWishes,
  encodeContent,
  encodeSentFiles,
  isChunkWish,
  recordLimits,
  rowBits,
  type SameAnswer,
  type SentFile,
  type SentRecords,
  type SentState,
  understand,
  type WantedFile,
  type Wishes,
} from "../../session/index.ts";
import { Directory, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { ReadResult, ReadTask } from "../tasks/far-tasks.ts";
import { answerSame } from "./answer-same.ts";
import { compresses, isPlain, type Wish } from "./compresses.ts";
import { ContentRoom } from "./content-room.ts";
import { sourceDirectory } from "./copied-files.ts";
import { cutPiece } from "./cut-piece.ts";
import { failedSum, frameFailed, frameFiles, sumFile } from "./frame-files.ts";
import { keepLiterals, matchSegments, takeHeld } from "./match-segments.ts";
import { asksForDigest, numberOf, type Reading, readPiece } from "./read-piece.ts";
import { readTokenPiece } from "./read-token-piece.ts";

/** How often a file that changes while it is read is read again. */
const attemptsMax = 3;
/** Room for what a message says besides. */
const fileBytesMax = recordLimits.contentBytes - 1024 * 1024;
/** Larger files are read on their own: cancelling waits for no more than a few of these. */
const togetherBytesMax = 1024 * 1024;
/** Files between two looks at whether the run was cancelled. */
const filesPerStep = 64;
const tooLarge = 27;
const stat = new Stat();
const after = new Stat();
let marks = new Uint8Array(256);

/** Runs a read task. */
export function readContent(lane: LaneContext, task: ReadTask): ReadResult {
  const sums = lane.settings.farSums;
  if (sums !== undefined && task.sumOf !== undefined) return sumFile(lane, task, task.sumOf, sums);
  const listing = Directory.thaw(task.listing);
  const wishes = understand("request", () => decodeWishes(task.body, listing.count));
  const content = lane.contentSource(task.origins, task.named);
  const room = new ContentRoom(task.room);
  const sent: SentFile[] = [];
  try {
    const { signature } = task;
    const reading = { lane, content, listing, room, signature, sums };
    const { same, wanted } = answered(reading, wishes);
    const left = readTogether(reading, wanted, sent);
    for (const wish of left) {
      lane.checkCancelled();
      sent.push(isChunkWish(wish) ? cutPiece(reading, wish) : readWish(reading, wish));
    }
    if (sums !== undefined) return frameFiles(lane, task, { sent, room, wanted, sums });
    return answerWith(task, { files: sent, same }, room, compresses(task, wanted, same));
  } finally {
    content.close();
  }
}

/** Answers what is only asked, and returns what is wanted then. */
function answered(
  reading: Reading,
  { files, question }: Wishes,
): { readonly same: SameAnswer | undefined; readonly wanted: readonly Wish[] } {
  if (question === undefined) return { same: undefined, wanted: files };
  const { same, wanted } = answerSame(reading, question, {
    dir: readsTogether(reading) ? sourceDirectory(reading.content) : undefined,
    isSimple: (row) => isSimple(reading, row),
    isSame: (wish) => readWish(reading, wish).kind === "same",
  });
  return { same, wanted: [...wanted, ...files] };
}

/** Says whether the door may read many files in one go. */
function readsTogether({ lane, content }: Reading): boolean {
  const { follow, settings } = lane;
  return (
    follow === "none" &&
    !settings.options.transfer.openNoatime &&
    content.fs.readFiles !== undefined
  );
}

/** Returns the answer to a read task that could not be completed: none of the files can be read. */
export function failedRead(
  { settings: { farSums } }: Pick<LaneContext, "settings">,
  task: ReadTask,
  { operation, errno }: FsError,
): ReadResult {
  if (farSums !== undefined && task.sumOf !== undefined) return failedSum(task, task.sumOf.row);
  const { count } = Directory.thaw(task.listing);
  const { files, question } = understand("request", () => decodeWishes(task.body, count));
  const sent = files.map(
    ({ row }): SentFile => ({ row, kind: "problem", operation, errno, message: undefined }),
  );
  const room = new ContentRoom(task.room);
  if (farSums !== undefined) return frameFailed(task, sent, room);
  // Of what was only asked none is the same; it will be wanted, and the reason told then.
  const same = question && rowBits(question.first, 0);
  return answerWith(task, { files: sent, same }, room, false);
}

function answerWith(
  { id }: ReadTask,
  { files, same }: SentRecords,
  room: ContentRoom,
  isCompressed: boolean,
): ReadResult {
  const records = encodeSentFiles(files, same);
  const bytes = room.filled;
  const digest = createDigest("blake3");
  digest.update(records);
  digest.update(bytes);
  const [head, body] = encodeContent({ digest: digest.digest(), records, bytes }, isCompressed);
  return { kind: "read", id, head: head.slice(), body, room: room.bytes };
}

/** Has the door read what can be read in one go; returns the wishes that are left. */
function readTogether(
  reading: Reading,
  wanted: readonly Wish[],
  sent: SentFile[],
): readonly Wish[] {
  const { lane, content, listing, room } = reading;
  if (!readsTogether(reading)) return wanted;
  const { count, size, mtime, mtimeNanos } = listing;
  if (marks.length < count) marks = new Uint8Array(count * 2);
  marks.fill(pickMark.none, 0, count);
  let bytes = 0;
  for (const wish of wanted) {
    if (isChunkWish(wish) || !isPlain(wish) || wish.piece !== undefined) continue;
    const { row } = wish;
    if (!isSimple(reading, row)) continue;
    marks[row] = pickMark.wanted;
    bytes += size[row] as number;
  }
  const dir = bytes > 0 || wanted.length > 0 ? sourceDirectory(content) : undefined;
  if (dir === undefined) return wanted;
  room.reserve(bytes);
  for (let first = 0; first < count; first += filesPerStep) {
    lane.checkCancelled();
    const last = Math.min(first + filesPerStep, count);
    const { bytes: into, used } = room;
    room.used = content.fs.readFiles?.(dir, listing, first, last, marks, into, used) ?? used;
    for (let row = first; row < last; row++) {
      if (marks[row] !== pickMark.done) continue;
      const length = size[row] as number;
      const times = { mtime: mtime[row] as number, mtimeNanos: mtimeNanos[row] as number };
      sent.push({ row, kind: "whole", size: length, ...times, position: 0, length });
    }
  }
  const left = wanted.filter(({ row }) => marks[row] !== pickMark.done);
  return left.filter((wish) => isChunkWish(wish) || !readOne(reading, dir, wish, sent));
}

/** Has the door read a file of which the target has something; false = it has to be looked at in another way. */
function readOne(reading: Reading, dir: DirHandle, wish: WantedFile, sent: SentFile[]): boolean {
  const { lane, content, listing, room } = reading;
  const { row, piece } = wish;
  const isAll = piece === undefined || piece.length === 0;
  if (!isAll || marks[row] !== pickMark.none || !isSimple(reading, row)) return false;
  lane.checkCancelled();
  const size = listing.size[row] as number;
  room.reserve(size);
  marks[row] = pickMark.wanted;
  content.fs.readFiles?.(dir, listing, row, row + 1, marks, room.bytes, room.used);
  if (marks[row] !== pickMark.done) return false;
  const times = {
    mtime: listing.mtime[row] as number,
    mtimeNanos: listing.mtimeNanos[row] as number,
  };
  sent.push(settleWish(reading, wish, { size, ...times, position: 0 }));
  return true;
}

/** A file of the one directory, not large. */
function isSimple({ lane, listing }: Reading, row: number): boolean {
  return (
    isRegular(listing.mode[row] as number) &&
    (listing.size[row] as number) <= togetherBytesMax &&
    listing.origin[row] === 0 &&
    !lane.settings.options.preserve.fakeSuper
  );
}

function readWish(reading: Reading, wish: WantedFile): SentFile {
  const { content, listing } = reading;
  const { row } = wish;
  let file: FileHandle | undefined;
  try {
    file = content.open({ listing, index: row, name: listing.name(row) });
    if (wish.piece !== undefined) {
      const read = reading.sums === undefined ? readPiece : readTokenPiece;
      return read(reading, file, wish, wish.piece);
    }
    for (let attempt = 1; ; attempt++) {
      content.fs.statFile(file, stat);
      if (!isRegular(stat.mode)) throw new FsError(22, "open", listing.name(row));
      // Large files are asked for in pieces; who cannot wait for those gets what fits into a message.
      if (stat.size > fileBytesMax) throw new FsError(tooLarge, "send", listing.name(row));
      const { size, mtime, mtimeNanos, ctime, ctimeNanos } = stat;
      const length = readFile(reading, file, size);
      content.fs.statFile(file, after);
      const isSteady =
        after.size === size &&
        after.mtime === mtime &&
        after.mtimeNanos === mtimeNanos &&
        after.ctime === ctime &&
        after.ctimeNanos === ctimeNanos;
      // What is torn is told by a time that fits nothing: the other end goes by its own rules.
      if (!isSteady && attempt < attemptsMax) continue;
      const time = isSteady ? { mtime, mtimeNanos } : { mtime: after.mtime, mtimeNanos: 0 };
      return settleWish(reading, wish, { size: length, ...time, position: 0 });
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const { operation, errno } = error;
    return { row, kind: "problem", operation, errno, message: undefined };
  } finally {
    if (file !== undefined) closeRead(content.fs, file);
  }
}

/** Reads a file behind what the room is filled with; returns its length. */
function readFile({ lane, content, room }: Reading, file: FileHandle, size: number): number {
  room.reserve(size);
  let length = 0;
  while (length < size) {
    lane.checkCancelled();
    const wanted = Math.min(size - length, 8 * 1024 * 1024);
    const got = content.fs.read(file, room.bytes, room.used + length, wanted, length);
    if (got === 0) break;
    length += got;
  }
  return length;
}

/** Keeps of the file that lies behind what the room is filled with what the target has not got. */
function settleWish(
  { room, sums }: Pick<Reading, "room" | "sums">,
  wish: WantedFile,
  state: SentState,
): SentFile {
  const { row, signature, inPlace, held } = wish;
  const length = state.size;
  const bytes = room.bytes.subarray(room.used, room.used + length);
  const isBuilt = signature !== undefined || held !== undefined;
  const isDigested = isBuilt || asksForDigest(wish);
  const digest = isDigested ? digestOf(sums?.name ?? "blake3", bytes) : undefined;
  const number = digest && numberOf(wish, digest);
  if (number !== undefined) return { row, kind: "same", number };
  // It was only asked whether it is one of those.
  if (wish.piece !== undefined) return { row, kind: "whole", ...state, length: 0 };
  if (!isBuilt || digest === undefined) {
    room.used += length;
    return { row, kind: "whole", ...state, length };
  }
  const matched =
    signature === undefined
      ? [{ kind: "literal", length } as const]
      : matchSegments(
          { bytes, position: 0 },
          {
            ...{ signature, inPlace },
            hash: sums && blockChecksum(sums),
          },
        );
  const segments = takeHeld(matched, held ?? [], 0);
  keepLiterals(room, room.used, segments);
  return { row, kind: "segments", ...state, digest, segments };
}
