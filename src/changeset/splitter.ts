// Cuts a stream of bytes into records. Every record after the header is an array of a number, a byte
// string and perhaps a tail, so that its length is known from its first bytes: it is checked against
// the limit of its kind before anything waits for it. What is inside is not this file's matter.

import { headBytes, headValue } from "./cbor/cursor.ts";
import { invalid } from "./invalid.ts";
import { limits } from "./limits.ts";
import { formatVersion, recordKind } from "./record.ts";

const byteStringMajor = 2;
const arrayOfTwo = 0x82;
const arrayOfThree = 0x83;
/** A byte string of 32 bytes: its head, and head and bytes. */
const digestHead = [0x58, 0x20] as const;
const digestTailBytes = digestHead.length + limits.digestBytes;
/** Bytes at the end of a changeset that its own digest does not cover. */
export const trailerDigestBytes = digestTailBytes;
const numberMajor = 0;

/** The first bytes of every changeset and listing: an array of three, whose first item is the word. */
export const magic = Uint8Array.from([
  arrayOfThree,
  0x68,
  ...[..."manifold"].map((letter) => letter.charCodeAt(0)),
]);

/** The kind that stands for the header. */
export const headerKind = 0;

const withDigest = new Set<number>([
  recordKind.directory,
  recordKind.late,
  recordKind.closing,
  recordKind.listing,
  recordKind.trailer,
]);
const contentKinds = new Set<number>([
  recordKind.signature,
  recordKind.data,
  recordKind.problem,
  recordKind.frame,
]);

/** A record as it lies in the splitter's memory, until the next call. */
export interface RawRecord {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** The whole record is bytes[start, end), its body bytes[bodyStart, bodyEnd). */
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly end: number;
  /** Where it begins in the sequence. */
  readonly offset: number;
  /** For kinds that have one: where the digest's 32 bytes begin. */
  readonly digestStart: number;
  /** For frames: how many bytes they stand for. */
  readonly rawLength: number;
}

/** Takes bytes as they come, gives records. */
export class Splitter {
  #bytes: Uint8Array;
  #at = 0;
  #filled = 0;
  /** Where #bytes[0] is in the sequence. */
  #base = 0;
  #hasHeader: boolean;

  /**
   * `startsWithRecords`: the header came by another way. `offset`: where the sequence stands already. `memory`: used as long as it is
   * large enough.
   */
  constructor(startsWithRecords = false, offset = 0, memory: Uint8Array = new Uint8Array(0)) {
    this.#bytes = memory;
    this.#hasHeader = startsWithRecords;
    this.#base = offset;
  }

  /** Where the next record begins. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** What it works in: another one can go on with it, once this one is not used any more. */
  get memory(): Uint8Array {
    return this.#bytes;
  }

  /** Nothing is left over. */
  get isEmpty(): boolean {
    return this.#at === this.#filled;
  }

  /** Takes bytes; they may change after the call. */
  push(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes);
    this.filled(bytes.length);
  }

  /** Returns memory for the next `bytes` bytes; filled() takes them. What next() gave is no longer valid. */
  room(bytes: number): Uint8Array {
    this.#makeRoom(bytes);
    return this.#bytes.subarray(this.#filled, this.#filled + bytes);
  }

  /** Takes the first `bytes` bytes that were put into room(). */
  filled(bytes: number): void {
    this.#filled += bytes;
  }

  /** Returns the next record, or undefined when more bytes are needed. */
  next(): RawRecord | undefined {
    const found = this.#hasHeader ? this.#record() : this.#header();
    if (found !== undefined) {
      this.#hasHeader = true;
      this.#at = found.end;
    }
    return found;
  }

  #header(): RawRecord | undefined {
    const bytes = this.#bytes;
    const [start, filled] = [this.#at, this.#filled];
    for (let i = 0; i < magic.length && start + i < filled; i++) {
      if (bytes[start + i] !== magic[i]) {
        throw invalid("header", this.#base + start, "this is no changeset or listing");
      }
    }
    const versionAt = start + magic.length;
    if (versionAt >= filled) return undefined;
    const length = this.#headLength(versionAt, numberMajor, "version");
    if (length === undefined) return undefined;
    const version = headValue(bytes, versionAt);
    if (version !== formatVersion) {
      const says = `version ${version}, this build reads version ${formatVersion}`;
      throw invalid("version", this.#base + versionAt, says);
    }
    return this.#withBody(headerKind, versionAt + length);
  }

  #record(): RawRecord | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start + 2 > this.#filled) {
      if (start < this.#filled) this.#checkArray(start);
      return undefined;
    }
    this.#checkArray(start);
    const kind = bytes[start + 1] as number;
    if (kind < recordKind.directory || kind > recordKind.trailer) {
      throw invalid("record kind", this.#base + start + 1, `0x${kind.toString(16)} is not known`);
    }
    const hasTail = withDigest.has(kind) || kind === recordKind.frame;
    if (hasTail !== (bytes[start] === arrayOfThree)) {
      throw invalid("record", this.#base + start, `a record of kind ${kind} has another length`);
    }
    return this.#withBody(kind, start + 2);
  }

  #checkArray(at: number): void {
    const first = this.#bytes[at];
    if (first !== arrayOfTwo && first !== arrayOfThree) {
      throw invalid("record", this.#base + at, "no record begins here");
    }
  }

  #withBody(kind: number, headAt: number): RawRecord | undefined {
    const headLength = this.#headLength(headAt, byteStringMajor, "body");
    if (headLength === undefined) return undefined;
    const length = headValue(this.#bytes, headAt);
    const max = contentKinds.has(kind) ? limits.contentBytes : limits.bodyBytes;
    if (length > max) {
      throw invalid("body", this.#base + headAt, `${length} bytes, the limit is ${max}`);
    }
    const bodyStart = headAt + headLength;
    const bodyEnd = bodyStart + length;
    const common = {
      kind,
      bytes: this.#bytes,
      start: this.#at,
      offset: this.#base + this.#at,
      bodyStart,
      bodyEnd,
    };
    if (kind === recordKind.frame) return this.#withRawLength(common);
    const tail = withDigest.has(kind) ? digestTailBytes : 0;
    const end = bodyEnd + tail;
    if (end > this.#filled) return undefined;
    if (tail > 0) this.#checkDigestHead(bodyEnd);
    const digestStart = bodyEnd + digestHead.length;
    const { bytes, start, offset } = common;
    return { kind, bytes, start, bodyStart, bodyEnd, end, offset, digestStart, rawLength: 0 };
  }

  #withRawLength(
    common: Omit<RawRecord, "end" | "digestStart" | "rawLength">,
  ): RawRecord | undefined {
    const { bodyEnd } = common;
    if (bodyEnd >= this.#filled) return undefined;
    const length = this.#headLength(bodyEnd, numberMajor, "frame length");
    if (length === undefined) return undefined;
    const rawLength = headValue(this.#bytes, bodyEnd);
    if (rawLength === 0 || rawLength > limits.frameBytes) {
      const says = `${rawLength} bytes, the limit is ${limits.frameBytes}`;
      throw invalid("frame length", this.#base + bodyEnd, says);
    }
    return { ...common, end: bodyEnd + length, digestStart: 0, rawLength };
  }

  #checkDigestHead(at: number): void {
    if (this.#bytes[at] !== digestHead[0] || this.#bytes[at + 1] !== digestHead[1]) {
      throw invalid("digest", this.#base + at, `expected ${limits.digestBytes} bytes`);
    }
  }

  /** Returns the length of the head at `at`, undefined when it is not there whole. */
  #headLength(at: number, major: number, field: string): number | undefined {
    if (at >= this.#filled) return undefined;
    const first = this.#bytes[at] as number;
    const length = headBytes(first);
    if (first >>> 5 !== major || length === 0) {
      throw invalid(
        field,
        this.#base + at,
        major === numberMajor ? "no number" : "no byte string of definite length",
      );
    }
    return at + length > this.#filled ? undefined : length;
  }

  /** Moves what is left to the front when that is small, or grows. */
  #makeRoom(more: number): void {
    const left = this.#filled - this.#at;
    if (this.#at > 0 && (left === 0 || this.#filled + more > this.#bytes.length)) {
      this.#bytes.copyWithin(0, this.#at, this.#filled);
      this.#base += this.#at;
      this.#at = 0;
      this.#filled = left;
    }
    const needed = left + more;
    if (this.#filled + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, Math.min(this.#bytes.length * 2, 2 * needed)));
    grown.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = grown;
  }
}
