// Writes the part of CBOR (RFC 8949) that changesets use, in preferred serialization: the shortest
// head for every number, definite lengths, no floating point outside of typed arrays.

import type { ByteString } from "../../base/index.ts";

/** Major types (RFC 8949, section 3.1). */
const unsigned = 0x00;
const negative = 0x20;
const byteString = 0x40;
const textString = 0x60;
const arrayMajor = 0x80;
const mapMajor = 0xa0;
const tagMajor = 0xc0;

const twoTo32 = 0x1_0000_0000;
const utf8 = new TextEncoder();

/** Returns the length of the head that a value or count from 0 on is written with. */
export function headBytesOf(value: number): number {
  if (value < 24) return 1;
  if (value < 0x100) return 2;
  if (value < 0x10000) return 3;
  return value < twoTo32 ? 5 : 9;
}

/** A growing buffer of CBOR items; clear() keeps its memory. */
export class CborWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written: a view that is valid until the next call. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  /** A whole number from -2^53 + 1 to 2^53 - 1. */
  int(value: number): void {
    if (value >= 0) this.#head(unsigned, value);
    else this.#head(negative, -1 - value);
  }

  /** The head of an array of `count` items, which follow. */
  array(count: number): void {
    this.#head(arrayMajor, count);
  }

  /** The head of a map of `count` pairs, which follow. */
  map(count: number): void {
    this.#head(mapMajor, count);
  }

  /** A tag for the item that follows. */
  tag(number: number): void {
    this.#head(tagMajor, number);
  }

  /** A byte string of bytes[start, end). */
  bytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.bytesHead(end - start);
    this.raw(bytes, start, end);
  }

  /** The head of a byte string whose `length` bytes follow by raw(). */
  bytesHead(length: number): void {
    this.#head(byteString, length);
  }

  /** A byte string of the bytes of a ByteString. */
  byteString(bytes: ByteString): void {
    const { length } = bytes;
    this.#head(byteString, length);
    this.#reserve(length);
    const start = this.#length;
    for (let i = 0; i < length; i++) this.#bytes[start + i] = bytes.charCodeAt(i);
    this.#length = start + length;
  }

  /** A text string. */
  text(text: string): void {
    const bytes = utf8.encode(text);
    this.#head(textString, bytes.length);
    this.raw(bytes, 0, bytes.length);
  }

  /** True or false. */
  bool(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4);
  }

  /** Null. */
  null(): void {
    this.#byte(0xf6);
  }

  /** Returns room for `length` bytes that belong to a byte string; to be filled before the next call. */
  room(length: number): Uint8Array {
    this.#reserve(length);
    const start = this.#length;
    this.#length += length;
    return this.#bytes.subarray(start, this.#length);
  }

  /** Bytes that are CBOR already, or belong to a byte string. */
  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start;
    this.#reserve(length);
    this.#bytes.set(
      start === 0 && length === bytes.length ? bytes : bytes.subarray(start, end),
      this.#length,
    );
    this.#length += length;
  }

  #head(major: number, value: number): void {
    this.#reserve(9);
    const bytes = this.#bytes;
    let at = this.#length;
    if (value < 24) bytes[at++] = major | value;
    else if (value < 0x100) {
      bytes[at++] = major | 24;
      bytes[at++] = value;
    } else if (value < 0x10000) {
      bytes[at++] = major | 25;
      bytes[at++] = value >>> 8;
      bytes[at++] = value;
    } else {
      bytes[at++] = major | (value < twoTo32 ? 26 : 27);
      if (value >= twoTo32) {
        at = putWord(bytes, at, Math.floor(value / twoTo32));
      }
      at = putWord(bytes, at, value % twoTo32);
    }
    this.#length = at;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function putWord(bytes: Uint8Array, at: number, word: number): number {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
  return at + 4;
}
