// One message of content in the form in which lanes take it, put together from what rsync sends file by file.

import type { WireEntry } from "../../rsync/index.ts";
import {
  encodeContentStart,
  encodeSentFiles,
  recordLimits,
  type Segment,
  type SentFile,
  type Slabs,
} from "../../session/index.ts";
import { copyBytes } from "../../transport/index.ts";

/** EFBIG. */
const tooLarge = 27;
const nothing = new Uint8Array(0);

/** A basis's blocks, as its sums were told. */
export interface TokenBasis {
  readonly count: number;
  readonly blockLength: number;
  readonly remainder: number;
}

/** What stands ahead of the bytes: of the message, and of a file that came whole; at most, as a rule. */
const headBytes = 96;
const fileHeadBytes = 64;

/** Gathers files and their bytes. */
export class RsyncMessage {
  readonly #slabs: Slabs;
  /** Room for what stands ahead, and bytes from there on. */
  readonly #start: number;
  #bytes: Uint8Array;
  #used: number;
  readonly #files: SentFile[] = [];
  /** The file that comes: where its bytes begin, what it is made of, how long it is. */
  #begin = 0;
  #segments: Segment[] = [];
  #hasBasis = false;
  #length = 0;
  #isDropped = false;
  /** What comes at the moment, which is no segment yet: `offset` in the basis, -1 = literals. */
  #offset = -1;
  #run = 0;

  /** `bytes`: how many are expected, of so many files. */
  constructor(slabs: Slabs, bytes: number, files: number) {
    this.#slabs = slabs;
    this.#start = headBytes + files * fileHeadBytes;
    this.#used = this.#start;
    this.#bytes = slabs.take(this.#start + Math.min(bytes, recordLimits.contentBytes));
  }

  /** Bytes of the file that comes, so far. */
  get length(): number {
    return this.#length;
  }

  /** A file begins, or a piece of one. */
  begin(): void {
    this.#begin = this.#used;
    this.#segments = [];
    this.#hasBasis = false;
    this.#length = 0;
    this.#isDropped = false;
    this.#run = 0;
  }

  literal(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#isDropped) return;
    if (this.#run > 0 && this.#offset >= 0) this.#endRun();
    const needed = this.#used + bytes.length;
    const isTooMuch = needed - this.#start > recordLimits.contentBytes;
    if (isTooMuch || this.#segments.length >= recordLimits.tokens) {
      this.#isDropped = true;
      this.#used = this.#begin;
      return;
    }
    if (needed > this.#bytes.length) this.#grow(needed);
    copyBytes(this.#bytes, this.#used, bytes, 0, bytes.length);
    this.#used = needed;
    this.#offset = -1;
    this.#run += bytes.length;
  }

  /** Bytes of the basis. */
  copy(offset: number, length: number): void {
    this.#length += length;
    if (this.#isDropped) return;
    this.#hasBasis = true;
    if (this.#run > 0 && this.#offset >= 0 && this.#offset + this.#run === offset) {
      this.#run += length;
      return;
    }
    this.#endRun();
    this.#offset = offset;
    this.#run = length;
  }

  #endRun(): void {
    const [offset, length] = [this.#offset, this.#run];
    this.#run = 0;
    if (length === 0) return;
    this.#segments.push(
      offset < 0 ? { kind: "literal", length } : { kind: "basis", offset, length },
    );
  }

  /** The file is there to its end, with its checksum. */
  endFile(row: number, { mtime, mtimeNanos }: WireEntry, sum: Uint8Array): void {
    this.#endRun();
    const size = this.#length;
    const segments = this.#segments;
    if (this.#isDropped) this.problem(row, tooLarge);
    else if (this.#hasBasis) {
      const position = 0;
      const digest = sum;
      this.#files.push({
        row,
        kind: "segments",
        size,
        mtime,
        mtimeNanos,
        position,
        digest,
        segments,
      });
    } else {
      const [position, length] = [0, size];
      this.#files.push({ row, kind: "whole", size, mtime, mtimeNanos, position, length, sum });
    }
  }

  /** The piece is full, or the last one. `sum`: the last one has it. */
  endPiece(
    row: number,
    { mtime, mtimeNanos }: WireEntry,
    at: { readonly position: number; readonly size: number },
    sum: Uint8Array | undefined,
  ): void {
    this.#endRun();
    const state = { row, mtime, mtimeNanos, ...at, ...(sum && { sum }) };
    const [length, segments] = [this.#length, this.#segments];
    if (this.#isDropped) this.problem(row, tooLarge);
    else if (this.#hasBasis) {
      this.#files.push({ ...state, kind: "segments", digest: new Uint8Array(0), segments });
    } else this.#files.push({ ...state, kind: "whole", length });
  }

  /** A file does not come. */
  problem(row: number, errno: number): void {
    this.#files.push({ row, kind: "problem", operation: "open", errno, message: undefined });
  }

  /** Returns the message, in memory that can be given back; nothing else of this can be used any more. */
  finish(): Uint8Array {
    const bytes = this.#bytes.subarray(this.#start, this.#used);
    const records = encodeSentFiles(this.#files);
    // It does not leave this process, and every file in it has a checksum of its own.
    const head = encodeContentStart({ digest: nothing, records }, bytes.length);
    let start = this.#start - head.length;
    if (start < 0) {
      // Files of many segments have longer records: the bytes move behind them.
      this.#grow(this.#used - start);
      this.#bytes.copyWithin(head.length, this.#start, this.#used);
      this.#used -= start;
      start = 0;
    }
    const message = this.#bytes.subarray(start, this.#used);
    message.set(head);
    this.#bytes = nothing;
    return message;
  }

  /** Nobody wants it. */
  drop(): void {
    this.#slabs.give(this.#bytes);
    this.#bytes = nothing;
  }

  #grow(needed: number): void {
    const grown = this.#slabs.take(Math.max(needed, this.#bytes.length * 2));
    copyBytes(grown, 0, this.#bytes, 0, this.#used);
    this.#slabs.give(this.#bytes);
    this.#bytes = grown;
  }
}

/** Returns where a block lies in its basis. */
export function blockRange(
  { count, blockLength, remainder }: TokenBasis,
  number: number,
): { readonly offset: number; readonly length: number } {
  const isShort = number === count - 1 && remainder > 0;
  return { offset: number * blockLength, length: isShort ? remainder : blockLength };
}
