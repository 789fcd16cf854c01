// Large files that a receiving rsync asks for: read in pieces, which are handed on in order.

import type { Signature } from "../../delta/index.ts";
import { createDigest, type Digest, digestOf } from "../../hash/index.ts";
import {
  type Answer,
  type Checksums,
  deflatedJoin,
  needsFlushMarks,
  type Packing,
} from "../../rsync/index.ts";
import { encodeSignature, type WantedFile } from "../../session/index.ts";
import type { FramedFile, ReadTask } from "../tasks/far-tasks.ts";
import { type Held, hashFrames, lost, type PushedFile, type PushedResult } from "./push-file.ts";

const mebi = 1024 * 1024;
/** Memory that a lane needs besides twice the bytes that it reads: for what stands between the frames. */
export const roomMore = 4096;
/** Larger files are read in pieces of so much. It is read and written as frames, and all of that fills memory of 4 MiB. */
export const pieceBytes = 2 * mebi - roomMore / 2;
/** Pieces of one file that lanes may be ahead. */
const piecesAhead = 3;
/** Bytes that may wait on the connection before more is read. */
const backlogMax = 16 * mebi;
/** What a checksum of all of a file counts as. */
const sumCost = 16_384;

/** A large file that is being read. */
export interface Stream {
  readonly file: PushedFile;
  readonly signature: { readonly id: number; readonly record: Uint8Array } | undefined;
  /** Of all of it; undefined = a lane takes it. */
  readonly digest: Digest | undefined;
  /** Undefined until the first piece has told. */
  size: number | undefined;
  /** Where the next piece begins that is asked for, and that is handed on. */
  asked: number;
  reached: number;
  /** Pieces that came before their turn, by position. */
  readonly ready: Map<number, { readonly piece: FramedFile; readonly result: Held }>;
  open: number;
  sum: Uint8Array | undefined;
  literal: number;
  matched: number;
  /** The piece that was handed on last ends with bytes that are sent. */
  isLiteralLast: boolean;
}

/** What lanes are asked for. */
export type StreamReading = {
  readonly kind: "piece" | "sum";
  readonly stream: Stream;
  readonly cost: number;
};

/** What reading in pieces needs. */
export interface PushStreamsContext {
  readonly sums: Checksums;
  /** How literals are compressed; undefined = they are not. */
  readonly packing: Packing | undefined;
  /** The checksum is of all of a file, also where only its end is sent. */
  readonly sumsAll: boolean;
  readonly wish: (
    file: PushedFile,
    piece: WantedFile["piece"],
    signature: Signature | undefined,
  ) => WantedFile;
  readonly submit: (
    reading: StreamReading,
    file: PushedFile,
    wanted: readonly WantedFile[],
    more: Partial<ReadTask>,
  ) => void;
  readonly send: (answer: Answer, piece: FramedFile, held: Held) => void;
  readonly leave: (held: Held) => void;
  /** More may be asked of lanes. */
  readonly hasRoom: () => boolean;
  /** Bytes that have not left this process. */
  readonly backlog: () => number;
  readonly done: (file: PushedFile, result: PushedResult) => void;
}

/** Reads them. */
export class PushStreams {
  readonly #context: PushStreamsContext;
  readonly #streams = new Set<Stream>();
  /** Numbers of signatures; those of tasks are not negative. */
  #nextSignature = -1;

  constructor(context: PushStreamsContext) {
    this.#context = context;
  }

  /** There may be room for more. */
  goOn(): void {
    for (const stream of this.#streams) this.#askPieces(stream);
  }

  /** A file is wanted. */
  ask(file: PushedFile): void {
    const { signature, from } = file.answer;
    const { sums, packing, sumsAll } = this.#context;
    // What is compressed, and what is not sent, cannot be hashed on its way.
    const isHashed = signature === undefined && packing === undefined && !(from > 0 && sumsAll);
    const stream: Stream = {
      file,
      signature: signature && { id: this.#nextSignature--, record: encodeSignature(signature) },
      digest: isHashed ? createDigest(sums.name) : undefined,
      size: undefined,
      ...{ asked: from, reached: from, open: 0, literal: 0, matched: 0 },
      ready: new Map(),
      sum: undefined,
      isLiteralLast: false,
    };
    this.#streams.add(stream);
    this.#askPieces(stream);
  }

  /** Of a file with a basis each piece begins where the one before ends, which nobody knows before; else they are independent. */
  #askPieces(stream: Stream): void {
    const { size, signature } = stream;
    const ahead = size === undefined || signature !== undefined ? 1 : piecesAhead;
    for (;;) {
      const isAll = size !== undefined && stream.asked >= size;
      const isEnough = stream.open + stream.ready.size >= ahead;
      if (isAll || isEnough) return;
      // The oldest answer must go on whatever else is under way; what others read would only lie here.
      if (!this.#context.hasRoom() && (stream.open > 0 || !this.#isOldest(stream))) return;
      if (this.#context.backlog() > backlogMax) return;
      const left = size === undefined ? pieceBytes : size - stream.asked;
      const piece = { position: stream.asked, length: Math.min(pieceBytes, left) };
      stream.open++;
      stream.asked += piece.length;
      const wish = this.#context.wish(stream.file, piece, undefined);
      const reading = { kind: "piece", stream, cost: pieceBytes } as const;
      this.#context.submit(reading, stream.file, [wish], { signature });
      if (size === undefined) return;
    }
  }

  #isOldest(stream: Stream): boolean {
    const [oldest] = this.#streams;
    return oldest === stream;
  }

  /** A piece has been read. */
  tookPiece(stream: Stream, piece: FramedFile | undefined, held: Held): void {
    stream.open--;
    const hasEnough = (piece?.size ?? 0) >= stream.file.answer.from;
    if (piece === undefined || piece.failed !== undefined || !hasEnough) {
      this.#failed(stream, piece?.failed ?? lost);
      return;
    }
    if (!this.#streams.has(stream)) return;
    if (stream.size === undefined) {
      stream.size = piece.size;
      if (stream.digest === undefined) this.#askSum(stream, piece.size);
    }
    const { size } = stream;
    const isAtEnd = stream.signature !== undefined && piece.reached === piece.position;
    const expected = Math.min(piece.position + pieceBytes, size);
    // Where a file has become shorter, the end is where it is.
    if (isAtEnd || (stream.signature === undefined && piece.reached < expected)) {
      stream.size = Math.min(size, piece.reached);
    }
    if (stream.signature !== undefined) stream.asked = piece.reached;
    held.uses++;
    stream.ready.set(piece.position, { piece, result: held });
    while (stream.reached < stream.size || piece.reached === piece.position) {
      const next = stream.ready.get(stream.reached);
      if (next === undefined) break;
      stream.ready.delete(stream.reached);
      this.#handOn(stream, next.piece, next.result);
      this.#context.leave(next.result);
      stream.reached = next.piece.reached;
    }
    this.#finishIfDone(stream);
  }

  #handOn(stream: Stream, piece: FramedFile, held: Held): void {
    stream.literal += piece.literal;
    stream.matched += piece.matched;
    if (stream.digest !== undefined) hashFrames(stream.digest, held.room, piece.start, piece.end);
    // Both are one run of literals, each deflated by itself.
    const { packing } = this.#context;
    const isJoined = stream.isLiteralLast && piece.isLiteralFirst;
    if (isJoined && packing !== undefined && needsFlushMarks(packing))
      stream.file.answer.send(deflatedJoin());
    if (piece.end > piece.start) stream.isLiteralLast = piece.isLiteralLast;
    this.#context.send(stream.file.answer, piece, held);
  }

  #finishIfDone(stream: Stream): void {
    const hasSum = stream.digest !== undefined || stream.sum !== undefined;
    if (stream.reached >= (stream.size ?? 0) && hasSum) this.#finish(stream);
  }

  #finish(stream: Stream): void {
    if (!this.#streams.delete(stream)) return;
    for (const { result } of stream.ready.values()) this.#context.leave(result);
    const { answer } = stream.file;
    const sum = stream.sum ?? (stream.digest as Digest).digest();
    answer.end(this.#end(sum));
    const { literal, matched } = stream;
    this.#context.done(stream.file, { failed: undefined, literal, matched });
  }

  /** Returns the end of the tokens, which is zero in whatever way they are written, and the checksum. */
  #end(sum: Uint8Array): Uint8Array {
    const tokenBytes = this.#context.packing === undefined ? 4 : 1;
    const end = new Uint8Array(tokenBytes + sum.length);
    end.set(sum, tokenBytes);
    return end;
  }

  #askSum(stream: Stream, bytes: number): void {
    const { row, answer } = stream.file;
    const reading = { kind: "sum", stream, cost: sumCost } as const;
    const from = this.#context.sumsAll ? 0 : answer.from;
    this.#context.submit(reading, stream.file, [], { sumOf: { row, from, bytes } });
  }

  /** The checksum of all of a file has been taken. */
  tookSum(stream: Stream, told: FramedFile | undefined): void {
    // A checksum that fits nothing has the file asked for once more.
    const { sums } = this.#context;
    stream.sum = told?.sum ?? digestOf(sums.name, new Uint8Array(0)).fill(0);
    if (stream.size !== undefined) this.#finishIfDone(stream);
  }

  /** What was begun is ended with a checksum that fits nothing; else nothing comes. */
  #failed(stream: Stream, failed: NonNullable<FramedFile["failed"]>): void {
    if (!this.#streams.delete(stream)) return;
    const { answer } = stream.file;
    for (const { result } of stream.ready.values()) this.#context.leave(result);
    const hasBegun = stream.reached > answer.from;
    if (hasBegun) {
      const length = digestOf(this.#context.sums.name, new Uint8Array(0)).length;
      answer.end(this.#end(new Uint8Array(length)));
    }
    const { literal, matched } = stream;
    this.#context.done(stream.file, { failed, literal, matched });
  }
}
