// One message of content in the form in which lanes take it, put together from what rsync sends file by file.

import { createDigest } from "../../hash/index.ts";
import type { WireEntry } from "../../rsync/index.ts";
import {
  encodeContent,
  encodeSentFiles,
  recordLimits,
  type Segment,
  type SentFile,
  type Slabs,
} from "../../session/index.ts";

/** EFBIG. */
const tooLarge = 27;

/** A basis's blocks, as its sums were told. */
export interface TokenBasis {
  readonly count: number;
  readonly blockLength: number;
  readonly remainder: number;
}

/** Gathers files and their bytes. */
export class RsyncMessage {
  readonly #slabs: Slabs;
  #bytes: Uint8Array;
  #used = 0;
  readonly #files: SentFile[] = [];
  /** The file that comes: where its bytes begin, what it is made of, how long it is. */
  #begin = 0;
  #segments: Segment[] = [];
  #length = 0;
  #isDropped = false;

  /** `bytes`: how many are expected. */
  constructor(slabs: Slabs, bytes: number) {
    this.#slabs = slabs;
    this.#bytes = slabs.take(Math.min(bytes, recordLimits.contentBytes));
  }

  /** Bytes of the file that comes, so far. */
  get length(): number {
    return this.#length;
  }

  /** A file begins, or a piece of one. */
  begin(): void {
    this.#begin = this.#used;
    this.#segments = [];
    this.#length = 0;
    this.#isDropped = false;
  }

  literal(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#isDropped) return;
    const needed = this.#used + bytes.length;
    const isTooMuch = needed > recordLimits.contentBytes;
    if (isTooMuch || this.#segments.length >= recordLimits.tokens) {
      this.#isDropped = true;
      this.#used = this.#begin;
      return;
    }
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(bytes, this.#used);
    this.#used = needed;
    const last = this.#segments.at(-1);
    if (last?.kind === "literal") this.#extend(last, bytes.length);
    else this.#segments.push({ kind: "literal", length: bytes.length });
  }

  /** Bytes of the basis. */
  copy(offset: number, length: number): void {
    this.#length += length;
    if (this.#isDropped) return;
    const last = this.#segments.at(-1);
    if (last?.kind === "basis" && last.offset + last.length === offset) this.#extend(last, length);
    else this.#segments.push({ kind: "basis", offset, length });
  }

  #extend(last: Segment, by: number): void {
    this.#segments[this.#segments.length - 1] = { ...last, length: last.length + by };
  }

  /** The file is there to its end, with its checksum. */
  endFile(row: number, { mtime, mtimeNanos }: WireEntry, sum: Uint8Array): void {
    const size = this.#length;
    if (this.#isDropped) {
      this.problem(row, tooLarge);
      return;
    }
    const state = { row, size, mtime, mtimeNanos, position: 0 };
    const segments = this.#segments;
    if (segments.some(({ kind }) => kind === "basis")) {
      this.#files.push({ ...state, kind: "segments", digest: sum, segments });
    } else this.#files.push({ ...state, kind: "whole", length: size, sum });
  }

  /** The piece is full, or the last one. `sum`: the last one has it. */
  endPiece(
    row: number,
    { mtime, mtimeNanos }: WireEntry,
    at: { readonly position: number; readonly size: number },
    sum: Uint8Array | undefined,
  ): void {
    const state = { row, mtime, mtimeNanos, ...at, ...(sum && { sum }) };
    const [length, segments] = [this.#length, this.#segments];
    if (this.#isDropped) this.problem(row, tooLarge);
    else if (segments.some(({ kind }) => kind === "basis")) {
      this.#files.push({ ...state, kind: "segments", digest: new Uint8Array(0), segments });
    } else this.#files.push({ ...state, kind: "whole", length });
  }

  /** A file does not come. */
  problem(row: number, errno: number): void {
    this.#files.push({ row, kind: "problem", operation: "open", errno, message: undefined });
  }

  /** Returns the message, in memory that can be given back; nothing else of this can be used any more. */
  finish(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#used);
    const records = encodeSentFiles(this.#files);
    const hash = createDigest("blake3");
    hash.update(records);
    hash.update(bytes);
    const [head, body] = encodeContent({ digest: hash.digest(), records, bytes }, false);
    const message = this.#slabs.take(head.length + body.length);
    message.set(head);
    message.set(body, head.length);
    this.drop();
    return message;
  }

  /** Nobody wants it. */
  drop(): void {
    this.#slabs.give(this.#bytes);
    this.#bytes = new Uint8Array(0);
    this.#used = 0;
  }

  #grow(needed: number): void {
    const wanted = Math.min(recordLimits.contentBytes, Math.max(needed, this.#bytes.length * 2));
    const grown = this.#slabs.take(wanted);
    grown.set(this.#bytes.subarray(0, this.#used));
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
