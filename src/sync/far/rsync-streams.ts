// Large files by rsync's protocol: one request brings all of a file, which is cut into the pieces that a lane asks for. What
// comes faster than its lane writes holds the whole conversation back: rsync sends one file after another.

import type { Signature } from "../../delta/index.ts";
import type { FileSink, Puller, WireEntry } from "../../rsync/index.ts";
import { decodeWanted, type Slabs } from "../../session/index.ts";
import { streamPieceBytes } from "../tasks/far-tasks.ts";
import type { PulledDirectory } from "./pulled-directory.ts";
import { flagsOf } from "./push-items.ts";
import { blockRange, RsyncMessage } from "./rsync-message.ts";

type Then = (content: Uint8Array, applied: () => void) => void;

/** Pieces of a file that lie here before reading stops. */
const readyMax = 2;

/** A wish for a piece, the number of a signature, and what changes about the file. */
interface RsyncPieceWish {
  readonly body: Uint8Array;
  readonly signature: number | undefined;
  readonly changes?: number;
}

/** A file whose content was asked for. */
interface Stream {
  readonly index: number;
  readonly row: number;
  readonly entry: WireEntry;
  readonly signature: Signature | undefined;
  /** Pieces that nobody has asked for yet, by position. */
  readonly ready: Map<number, Uint8Array>;
  /** Who waits for a piece, by position. */
  readonly wanted: Map<number, Then>;
  /** Nothing before this was asked for. */
  readonly start: number;
  /** Where the piece begins that comes. */
  position: number;
  piece: RsyncMessage | undefined;
  isOver: boolean;
}

/** Asks for files, and cuts them. */
export class RsyncStreams {
  readonly #puller: () => Puller;
  readonly #slabs: Slabs;
  readonly #streams = new Map<number, Stream>();
  readonly #signatures = new Map<number, Signature>();
  /** Those that were asked for, and are for nobody any more before they came. */
  readonly #left = new Map<number, Stream>();
  readonly #begun = new Set<number>();
  #isPaused = false;

  constructor(puller: () => Puller, slabs: Slabs) {
    this.#puller = puller;
    this.#slabs = slabs;
  }

  /** Keeps what the target has of a file. */
  keep(id: number, signature: Signature): void {
    this.#signatures.set(id, signature);
  }

  /** No piece will name it any more. */
  drop(id: number): void {
    this.#signatures.delete(id);
  }

  /** Wants a piece: session's record, and the number of a signature. */
  ask(
    directory: PulledDirectory,
    { body, signature, changes = 0 }: RsyncPieceWish,
    then: Then,
  ): void {
    const [file] = decodeWanted(body, directory.entries.length);
    const entry = file && directory.entries[file.row];
    if (file?.piece === undefined || entry === undefined) return;
    const { position } = file.piece;
    const index = directory.indices[file.row] as number;
    let stream = this.#streams.get(index);
    if (stream !== undefined && this.#isGone(stream, position)) {
      // It is begun anew; what still comes of it is for nobody.
      this.#forget(stream);
      stream = undefined;
    }
    if (stream === undefined) {
      const kept = signature === undefined ? undefined : this.#signatures.get(signature);
      const start = this.#isBegunAt(index, position) ? position : 0;
      stream = this.#begin({ index, row: file.row, entry, signature: kept, start }, changes);
    }
    stream.wanted.set(position, then);
    this.#hand(stream, position);
  }

  /** A file is begun behind its start where that is there (--append); a second time all of it comes. */
  #isBegunAt(index: number, position: number): boolean {
    return position > 0 && !this.#begun.has(index);
  }

  #begin(
    file: Pick<Stream, "index" | "row" | "entry" | "signature" | "start">,
    changes: number,
  ): Stream {
    const begun: Stream = {
      ...file,
      ready: new Map(),
      wanted: new Map(),
      position: file.start,
      piece: undefined,
      isOver: false,
    };
    this.#begun.add(file.index);
    const { index, signature, start } = file;
    this.#streams.set(index, begun);
    const flags = flagsOf(changes, false);
    if (start > 0) this.#puller().out.requestFrom(index, flags, start);
    else this.#puller().out.request(index, flags, signature);
    return begun;
  }

  /** A position lies before what has been handed over, and is not there. */
  #isGone(stream: Stream, position: number): boolean {
    return position < stream.position && !stream.ready.has(position);
  }

  #forget(stream: Stream): void {
    for (const piece of stream.ready.values()) this.#slabs.give(piece);
    stream.ready.clear();
    stream.wanted.clear();
    this.#streams.delete(stream.index);
    if (stream.position === stream.start && stream.piece === undefined && !stream.isOver) {
      this.#left.set(stream.index, stream);
    }
    this.#pace();
  }

  /** A file comes that may have been asked for here; undefined = it was not. */
  answer(index: number): FileSink | undefined {
    const stream = this.#streams.get(index) ?? this.#left.get(index);
    this.#left.delete(index);
    if (stream === undefined) return undefined;
    const basis = stream.signature ?? none;
    return {
      literal: (bytes) => {
        for (let at = 0; at < bytes.length; ) {
          const { piece, room } = this.#room(stream);
          const part = bytes.subarray(at, at + room);
          piece.literal(part);
          at += part.length;
        }
      },
      block: (number) => {
        const { offset, length } = blockRange(basis, number);
        for (let at = 0; at < length; ) {
          const { piece, room } = this.#room(stream);
          const part = Math.min(room, length - at);
          piece.copy(offset + at, part);
          at += part;
        }
      },
      end: (sum) => this.#end(stream, sum),
    };
  }

  /** The piece that comes, and how much fits into it: a full one only goes when it is known that there is more. */
  #room(stream: Stream): { readonly piece: RsyncMessage; readonly room: number } {
    let { piece } = stream;
    if (piece !== undefined && piece.length >= streamPieceBytes) {
      this.#endPiece(stream, piece, stream.entry.size, undefined);
      piece = undefined;
    }
    if (piece === undefined) {
      piece = new RsyncMessage(this.#slabs, streamPieceBytes, 1);
      piece.begin();
      stream.piece = piece;
    }
    return { piece, room: streamPieceBytes - piece.length };
  }

  #end(stream: Stream, sum: Uint8Array): void {
    const { piece } = this.#room(stream);
    this.#endPiece(stream, piece, stream.position + piece.length, sum);
    stream.isOver = true;
    for (const position of stream.wanted.keys()) this.#hand(stream, position);
  }

  #endPiece(stream: Stream, piece: RsyncMessage, size: number, sum: Uint8Array | undefined): void {
    const { position, row, entry } = stream;
    // Longer than it was listed: nothing that ends there is all of it.
    const isLonger = sum === undefined && position + piece.length >= size;
    const at = { position, size: isLonger ? position + piece.length + 1 : size };
    piece.endPiece(row, entry, at, sum);
    stream.position += piece.length;
    stream.piece = undefined;
    if (this.#streams.get(stream.index) !== stream) {
      piece.drop();
      return;
    }
    stream.ready.set(position, piece.finish());
    this.#hand(stream, position);
    this.#pace();
  }

  #hand(stream: Stream, position: number): void {
    const then = stream.wanted.get(position);
    if (then === undefined) return;
    let content = stream.ready.get(position);
    if (content === undefined && stream.isOver) content = this.#nothing(stream, position);
    if (content === undefined) return;
    stream.ready.delete(position);
    stream.wanted.delete(position);
    const handed = content;
    setImmediate(() => then(handed, () => this.#slabs.give(handed)));
    this.#pace();
  }

  /** What stands behind the end of a file. */
  #nothing({ row, entry, position: size }: Stream, position: number): Uint8Array {
    const empty = new RsyncMessage(this.#slabs, 0, 1);
    empty.begin();
    empty.endPiece(row, entry, { position, size }, undefined);
    return empty.finish();
  }

  /** A file does not come. */
  noSend(index: number, errno: number): void {
    this.#left.delete(index);
    const stream = this.#streams.get(index);
    if (stream === undefined) return;
    this.#streams.delete(index);
    for (const then of stream.wanted.values()) {
      const message = new RsyncMessage(this.#slabs, 0, 1);
      message.problem(stream.row, errno);
      const content = message.finish();
      setImmediate(() => then(content, () => this.#slabs.give(content)));
    }
  }

  /** A lane is done with a file; what still comes of it is for nobody. */
  left({ indices }: PulledDirectory, row: number): void {
    const stream = this.#streams.get(indices[row] as number);
    if (stream !== undefined) this.#forget(stream);
  }

  /** Reading stops while a file's lane is behind. */
  #pace(): void {
    let isFull = false;
    for (const { ready } of this.#streams.values()) isFull ||= ready.size > readyMax;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#puller().flow.pause();
    else this.#puller().flow.resume();
  }
}

const none = { count: 0, blockLength: 0, remainder: 0 };
