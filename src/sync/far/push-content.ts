// Content that a receiving rsync asks for: lanes read it and make tokens of it, several files at a time, and answers get it in
// pieces.

import type { Signature } from "../../delta/index.ts";
import { type Answer, basisKind, type Checksums, type Packing } from "../../rsync/index.ts";
import { encodeWanted, Slabs, type WantedFile } from "../../session/index.ts";
import type { FramedFile, ReadResult, ReadTask } from "../tasks/far-tasks.ts";
import { type Held, lost, type PushedFile, type PushedResult, sizeOf } from "./push-file.ts";
import { PushStreams, pieceBytes, roomMore, type StreamReading } from "./push-streams.ts";

const mebi = 1024 * 1024;
/** Memory of content that was asked of lanes and has not left. Arbitrary: enough for a long line, and a few files for each lane. */
const windowBytes = 16 * mebi;
/** Small files of one directory are read together, into memory of at most 2 MiB. */
const togetherBytes = mebi - roomMore / 2;
const togetherFiles = 64;
/** What a task costs at least, as if it were for so many bytes. */
const taskBytesMin = 16_384;

/** What serving content needs. */
export interface PushContentContext {
  readonly sums: Checksums;
  /** How literals are compressed; undefined = they are not. */
  readonly packing: Packing | undefined;
  /** Files are written where they lie. */
  readonly inPlace: boolean;
  /** The checksum is of all of a file, also where only its end is sent. */
  readonly sumsAll: boolean;
  /** A file in a partial directory is, too. */
  readonly inPlacePartials: boolean;
  readonly submit: (task: ReadTask, cost: number) => void;
  /** Bytes that have not left this process. */
  readonly backlog: () => number;
  /** A file has been read to its end, or could not be. */
  readonly done: (file: PushedFile, result: PushedResult) => void;
}

type Reading =
  | { readonly kind: "files"; readonly files: readonly PushedFile[]; readonly cost: number }
  | StreamReading;

/** Answers requests. */
export class PushContent {
  readonly #context: PushContentContext;
  readonly #slabs = new Slabs();
  readonly #waiting: PushedFile[] = [];
  #first = 0;
  readonly #streams: PushStreams;
  /** What lanes read, and the memory for it. */
  readonly #reading = new Map<number, { readonly reading: Reading; readonly taken: number }>();
  #nextId = 0;
  #outBytes = 0;
  #isDue = false;

  constructor(context: PushContentContext) {
    this.#context = context;
    this.#streams = new PushStreams({
      ...context,
      wish: (file, piece, signature) => this.#wish(file, piece, signature),
      submit: (reading, file, wanted, more) => this.#submit(reading, file, wanted, more),
      send: (answer, piece, held) => this.#send(answer, piece, held),
      leave: (held) => this.#leave(held),
      hasRoom: () => this.#hasRoom,
    });
  }

  /** A file is wanted. */
  ask(file: PushedFile): void {
    this.#waiting.push(file);
    if (this.#isDue) return;
    // What comes in the same turn of the event loop goes together.
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.goOn();
    });
  }

  /** There may be room for more. */
  goOn(): void {
    this.#streams.goOn();
    while (this.#first < this.#waiting.length && this.#hasRoom) this.#askNext();
    if (this.#first > 1024) this.#waiting.splice(0, this.#first);
    else return;
    this.#first = 0;
  }

  get #hasRoom(): boolean {
    return this.#outBytes < windowBytes;
  }

  #askNext(): void {
    const file = this.#waiting[this.#first++] as PushedFile;
    if (sizeOf(file) > togetherBytes || isOfMuch(file)) {
      this.#streams.ask(file);
      return;
    }
    const files = [file];
    let bytes = sizeOf(file);
    while (this.#first < this.#waiting.length && files.length < togetherFiles) {
      const next = this.#waiting[this.#first] as PushedFile;
      bytes += sizeOf(next);
      if (next.directory !== file.directory || bytes > togetherBytes || isOfMuch(next)) break;
      files.push(next);
      this.#first++;
    }
    const cost = Math.max(taskBytesMin, Math.min(bytes, togetherBytes));
    const wanted = files.map((one) => this.#wish(one, undefined, one.answer.signature));
    this.#submit({ kind: "files", files, cost }, file, wanted, {});
  }

  #wish(
    { row, answer }: PushedFile,
    piece: WantedFile["piece"],
    signature: Signature | undefined,
  ): WantedFile {
    const { inPlace, inPlacePartials } = this.#context;
    const { basis = basisKind.own } = answer.header;
    const isInPlace =
      (inPlace && basis === basisKind.own) || (inPlacePartials && basis === basisKind.partialDir);
    return { row, digest: undefined, known: [], signature, inPlace: isInPlace, piece };
  }

  #submit(
    reading: Reading,
    { directory }: PushedFile,
    wanted: readonly WantedFile[],
    more: Partial<ReadTask>,
  ): void {
    const id = this.#nextId++;
    const room = this.#slabs.take(2 * reading.cost + roomMore);
    const taken = room.buffer.byteLength;
    this.#reading.set(id, { reading, taken });
    this.#outBytes += taken;
    const body = encodeWanted(wanted);
    const bytes = reading.cost;
    const task = { kind: "read", id, ...directory.kept, body, bytes, room } as const;
    this.#context.submit(
      { ...task, signature: undefined, compresses: "nothing", ...more },
      reading.cost / taskBytesMin + 1,
    );
  }

  /** A lane has read something. */
  answered(result: ReadResult): void {
    const asked = this.#reading.get(result.id);
    this.#reading.delete(result.id);
    if (asked === undefined) return;
    const { reading, taken } = asked;
    const held: Held = { room: result.room, uses: 1 };
    // It may have been too little.
    this.#outBytes += result.room.buffer.byteLength - taken;
    const { framed = [] } = result;
    if (reading.kind === "files") this.#tookFiles(reading.files, framed, held);
    else if (reading.kind === "piece") this.#streams.tookPiece(reading.stream, framed[0], held);
    else this.#streams.tookSum(reading.stream, framed[0]);
    this.#leave(held);
    this.goOn();
  }

  #tookFiles(files: readonly PushedFile[], framed: readonly FramedFile[], held: Held): void {
    const byRow = new Map(framed.map((one) => [one.row, one]));
    for (const file of files) {
      const read = byRow.get(file.row);
      if (read === undefined || read.failed !== undefined) {
        this.#context.done(file, { failed: read?.failed ?? lost, literal: 0, matched: 0 });
        continue;
      }
      this.#send(file.answer, read, held);
      file.answer.end();
      this.#context.done(file, { failed: undefined, literal: read.literal, matched: read.matched });
    }
  }

  #send(answer: Answer, { start, end }: FramedFile, held: Held): void {
    if (end === start) return;
    held.uses++;
    answer.send(held.room.subarray(start, end), () => {
      this.#leave(held);
      this.goOn();
    });
  }

  #leave(held: Held): void {
    if (--held.uses > 0) return;
    this.#outBytes -= held.room.buffer.byteLength;
    this.#slabs.give(held.room);
  }
}

/** The other end has much of a file, or is to get what is behind that. */
function isOfMuch({ answer: { signature, from } }: PushedFile): boolean {
  return from > 0 || (signature?.fileLength ?? 0) > pieceBytes;
}
