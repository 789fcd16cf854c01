// Makes of files that were read what goes to a target's end with rsync's protocol: tokens, already in frames, each file's with its
// checksum behind them.

import { closeRead, type FileHandle, FsError } from "../../fs/index.ts";
import { createDigest, digestOf } from "../../hash/index.ts";
import {
  type Checksums,
  FramedWriter,
  flushMark,
  framedBytes,
  literalTokenBytesMax,
  needsFlushMarks,
  type Packing,
  packedBytes,
  writeBlockRun,
  writeBlockToken,
  writeDeflated,
  writeLiteralToken,
  writePacked,
} from "../../rsync/index.ts";
import {
  type ChunkWish,
  decodeSignature,
  isChunkWish,
  literalBytes,
  type Segment,
  type SentFile,
  understand,
  type WantedFile,
} from "../../session/index.ts";
import { Directory } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { FramedFile, ReadResult, ReadTask } from "../tasks/far-tasks.ts";
import type { ContentRoom } from "./content-room.ts";

const pieceBytes = 256 * 1024;
const sumRoom = 64;

/** What was read. */
export interface ReadFiles {
  readonly sent: readonly SentFile[];
  /** Holds the literal bytes of all of it. */
  readonly room: ContentRoom;
  readonly wanted: readonly (WantedFile | ChunkWish)[];
  readonly sums: Checksums;
}

/** Returns the answer to a read task. */
export function frameFiles(lane: LaneContext, task: ReadTask, files: ReadFiles): ReadResult {
  const { sent, room, wanted, sums } = files;
  const { used } = room;
  const packing = lane.settings.farPacking;
  const blockLengths = new Map<number, number>();
  for (const wish of wanted) {
    if (isChunkWish(wish) || wish.signature === undefined) continue;
    blockLengths.set(wish.row, wish.signature.blockLength);
  }
  const { signature } = task;
  const ofPieces =
    signature &&
    lane.keptIndex.of(`far:${signature.id}`, () =>
      understand("signature", () => decodeSignature(signature.record)),
    ).signature.blockLength;
  const blockLengthOf = ({ row }: SentFile): number => blockLengths.get(row) ?? ofPieces ?? 1;
  let tokens = 0;
  for (const file of sent) tokens += tokensOf(file, blockLengthOf(file));
  // Behind the tokens of each file comes a checksum, and its last frame may be all but empty.
  const literal = packing === undefined ? used : packedBytes(used, tokens);
  const calls = tokens * (packing === undefined ? 1 : 3) + sent.length;
  room.reserve(framedBytes(literal + sumRoom * sent.length, calls) + 8 * sent.length);
  const writer = new FramedWriter(room.bytes, used);
  let from = 0;
  const framed = sent.map((file) => {
    const blockLength = blockLengthOf(file);
    const isPiece = wanted.some(
      (wish) => wish.row === file.row && !isChunkWish(wish) && wish.piece !== undefined,
    );
    const written = frameFile(writer, file, {
      room,
      ...{ from, blockLength, packing },
      sums: isPiece ? undefined : sums,
    });
    from += literalBytes(file);
    return written;
  });
  return answer(task, room, framed);
}

interface FramingOptions {
  readonly room: ContentRoom;
  /** Where the file's bytes begin. */
  readonly from: number;
  readonly blockLength: number;
  /** How literals are compressed; undefined = they are not. */
  readonly packing: Packing | undefined;
  /** Undefined = what was read is a piece. */
  readonly sums: Checksums | undefined;
}

function frameFile(
  writer: FramedWriter,
  file: SentFile,
  { room, from, blockLength, packing, sums }: FramingOptions,
): FramedFile {
  const start = writer.used;
  if (file.kind !== "whole" && file.kind !== "segments") return failedFile(file, start);
  const literal = literalBytes(file);
  let [at, matched] = [from, 0];
  const segments: readonly Segment[] =
    file.kind === "segments" ? file.segments : [{ kind: "literal", length: file.length }];
  let sum: Uint8Array | undefined;
  if (sums !== undefined) {
    const isWhole = file.kind === "whole";
    sum = isWhole ? digestOf(sums.name, room.bytes, from, from + file.length) : file.digest;
  }
  let isAfterLiteral = false;
  const marks = packing !== undefined && needsFlushMarks(packing);
  for (const segment of segments) {
    const { length } = segment;
    // Each was deflated by itself, and what is between their flushes is sent where nothing else is between them.
    const isLiteral = segment.kind === "literal";
    if (isAfterLiteral && isLiteral && marks) writeDeflated(writer, flushMark);
    isAfterLiteral = isLiteral;
    if (segment.kind === "basis") {
      const first = Math.floor(segment.offset / blockLength);
      writeBlocks(writer, first, Math.ceil(length / blockLength), packing !== undefined);
      matched += length;
    } else {
      writeLiteral(writer, room.bytes.subarray(at, at + length), packing);
      at += length;
    }
  }
  if (sum !== undefined) {
    if (packing === undefined) writer.int(0);
    else writer.byte(0);
    writer.raw(sum, 0, sum.length);
  }
  writer.end();
  const { row, position, size } = file;
  const reached = position + literal + matched;
  return {
    ...{ row, start, end: writer.used, failed: undefined },
    ...{ position, reached, size, literal, matched, sum },
    isLiteralFirst: segments[0]?.kind === "literal",
    isLiteralLast: segments.at(-1)?.kind === "literal",
  };
}

function writeLiteral(writer: FramedWriter, bytes: Uint8Array, packing: Packing | undefined): void {
  if (packing === undefined) writeLiteralToken(writer, bytes, 0, bytes.length);
  else if (bytes.length > 0) writePacked(writer, bytes, packing);
}

function writeBlocks(writer: FramedWriter, first: number, count: number, inRuns: boolean): void {
  if (inRuns) {
    writeBlockRun(writer, first, count);
    return;
  }
  for (let i = 0; i < count; i++) writeBlockToken(writer, first + i);
}

function tokensOf(file: SentFile, blockLength: number): number {
  if (file.kind === "whole") return 1 + Math.ceil(file.length / literalTokenBytesMax);
  if (file.kind !== "segments") return 0;
  let count = 1;
  for (const { length, kind } of file.segments) {
    count += Math.ceil(length / (kind === "basis" ? blockLength : literalTokenBytesMax));
  }
  return count;
}

function failedFile(file: SentFile, at: number): FramedFile {
  const { row } = file;
  const failed =
    file.kind === "problem"
      ? { operation: file.operation, errno: file.errno }
      : { operation: "read", errno: 5 };
  return {
    ...{ row, start: at, end: at, failed },
    ...{ position: 0, reached: 0, size: 0, literal: 0, matched: 0, sum: undefined },
    ...{ isLiteralFirst: false, isLiteralLast: false },
  };
}

function answer({ id }: ReadTask, room: ContentRoom, framed: readonly FramedFile[]): ReadResult {
  const nothing = new Uint8Array(0);
  return { kind: "read", id, framed, head: nothing, body: nothing, room: room.bytes };
}

/** Returns the answer to a read task none of whose files could be read. */
export function frameFailed(
  task: ReadTask,
  sent: readonly SentFile[],
  room: ContentRoom,
): ReadResult {
  return answer(
    task,
    room,
    sent.map((file) => failedFile(file, 0)),
  );
}

/** Returns the answer to a wish for a checksum that could not be taken. */
export function failedSum({ id, room }: ReadTask, row: number): ReadResult {
  const nothing = new Uint8Array(0);
  const none = failedFile({ row, kind: "same", number: 0 }, 0);
  return { kind: "read", id, framed: [none], head: nothing, body: nothing, room };
}

/** Reads a file up to so many bytes for the checksum of them. Throws FsError. */
export function sumFile(
  lane: LaneContext,
  task: ReadTask,
  { row, from, bytes: length }: NonNullable<ReadTask["sumOf"]>,
  { name }: Checksums,
): ReadResult {
  const listing = Directory.thaw(task.listing);
  const content = lane.contentSource(task.origins, task.named);
  const digest = createDigest(name);
  const bytes = new Uint8Array(pieceBytes);
  let position = from;
  let file: FileHandle | undefined;
  try {
    file = content.open({ listing, index: row, name: listing.name(row) });
    while (position < length) {
      lane.checkCancelled();
      const wanted = Math.min(pieceBytes, length - position);
      const got = content.fs.read(file, bytes, 0, wanted, position);
      if (got === 0) break;
      digest.update(bytes, 0, got);
      position += got;
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return failedSum(task, row);
  } finally {
    if (file !== undefined) closeRead(content.fs, file);
    content.close();
  }
  const nothing = new Uint8Array(0);
  const sum = digest.digest();
  const told = { ...failedFile({ row, kind: "same", number: 0 }, 0), failed: undefined, sum };
  return {
    kind: "read",
    id: task.id,
    framed: [told],
    head: nothing,
    body: nothing,
    room: task.room,
  };
}
