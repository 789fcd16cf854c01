// Reads the part of CBOR (RFC 8949) that changesets use. Every read names the field it is for and
// the most it may be, so that nothing is allocated on the word of the input; what does not fit is
// one changeset-invalid error. Definite lengths only; numbers may be longer than they need to be.

import { type ByteString, fromBytes } from "../../base/index.ts";
import { invalid } from "../invalid.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
const twoTo32 = 0x1_0000_0000;
const majorNames = [
  "a number",
  "a negative number",
  "a byte string",
  "a text",
  "an array",
  "a map",
  "a tag",
  "a simple value",
] as const;

/** Reads items one after another from a piece of memory. */
export class CborCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** Where bytes[0] is in the sequence. */
  #base = 0;
  /** Where the byte string that was read last lies in `bytes`. */
  start = 0;
  stop = 0;

  /** Begins to read bytes[start, end), which are at `offset` of the sequence. */
  open(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#base = offset - start;
  }

  /** Where the next item is in the sequence. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Returns the error for a field of the item at `at` (default: the next one). */
  error(field: string, says: string, at = this.at): Error {
    return invalid(field, this.#base + at, says);
  }

  /** A whole number from 0 to `max`. */
  uint(field: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const begin = this.at;
    const value = this.#head(field, 0);
    if (value > max) throw this.error(field, `${value}, the limit is ${max}`, begin);
    return value;
  }

  /** A whole number, which may be negative. */
  int(field: string): number {
    if (this.#major() !== 1) return this.uint(field);
    const begin = this.at;
    const value = -1 - this.#head(field, 1);
    if (value < -Number.MAX_SAFE_INTEGER) throw this.error(field, "number is too large", begin);
    return value;
  }

  /** The count of items of an array; each has at least one byte. */
  array(field: string, max: number): number {
    return this.#count(field, 4, max, 1);
  }

  /** The count of pairs of a map; each has at least two bytes. */
  map(field: string, max: number): number {
    return this.#count(field, 5, max, 2);
  }

  /** The number of a tag. */
  tag(field: string): number {
    return this.#head(field, 6);
  }

  /** A byte string; it lies in bytes[start, stop) until the next one is read. Returns its length. */
  byteRange(field: string, max: number): number {
    return this.#string(field, 2, max);
  }

  /** A byte string, as a ByteString. */
  byteString(field: string, max: number): ByteString {
    this.#string(field, 2, max);
    return fromBytes(this.bytes, this.start, this.stop);
  }

  /** A byte string, in an array of its own. */
  copyBytes(field: string, max: number): Uint8Array {
    this.#string(field, 2, max);
    return this.bytes.slice(this.start, this.stop);
  }

  /** A text string of valid UTF-8. */
  text(field: string, max: number): string {
    const begin = this.at;
    this.#string(field, 3, max);
    try {
      return utf8.decode(this.bytes.subarray(this.start, this.stop));
    } catch {
      throw this.error(field, "text is not UTF-8", begin);
    }
  }

  /** True or false. */
  bool(field: string): boolean {
    const byte = this.bytes[this.at];
    if (this.at >= this.end || (byte !== 0xf4 && byte !== 0xf5)) {
      throw this.error(field, `expected true or false, found ${this.#found()}`);
    }
    this.at++;
    return byte === 0xf5;
  }

  /** Says whether the next item is null, and steps over it if so. */
  isNull(): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== 0xf6) return false;
    this.at++;
    return true;
  }

  /** Says whether the next item is true, and steps over it if so. */
  isTrue(): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== 0xf5) return false;
    this.at++;
    return true;
  }

  /** Says whether the next item is of a major type: a byte string 2, an array 4, a tag 6. */
  isMajor(major: number): boolean {
    return this.at < this.end && this.#major() === major;
  }

  /** Throws unless everything has been read. */
  finish(field: string): void {
    if (this.at < this.end) {
      throw this.error(field, `${this.end - this.at} bytes too many`);
    }
  }

  #major(): number {
    return (this.bytes[this.at] as number) >>> 5;
  }

  #found(): string {
    if (this.at >= this.end) return "the end";
    return majorNames[this.#major()] as string;
  }

  #count(field: string, major: number, max: number, bytesMin: number): number {
    const begin = this.at;
    const count = this.#head(field, major);
    if (count > max) throw this.error(field, `${count} items, the limit is ${max}`, begin);
    if (count * bytesMin > this.end - this.at) {
      throw this.error(field, `${count} items do not fit into what is left`, begin);
    }
    return count;
  }

  #string(field: string, major: number, max: number): number {
    const begin = this.at;
    const length = this.#head(field, major);
    if (length > max) throw this.error(field, `${length} bytes, the limit is ${max}`, begin);
    if (length > this.end - this.at) {
      throw this.error(field, `${length} bytes do not fit into what is left`, begin);
    }
    this.start = this.at;
    this.at += length;
    this.stop = this.at;
    return length;
  }

  #head(field: string, major: number): number {
    const { bytes, at } = this;
    if (at >= this.end || (bytes[at] as number) >>> 5 !== major) {
      throw this.error(field, `expected ${majorNames[major]}, found ${this.#found()}`);
    }
    const info = (bytes[at] as number) & 31;
    if (info < 24) {
      this.at = at + 1;
      return info;
    }
    if (info > 27) throw this.error(field, "indefinite or reserved length");
    const width = 1 << (info - 24);
    if (at + 1 + width > this.end) throw this.error(field, "ends in the middle of a number");
    this.at = at + 1 + width;
    let value = 0;
    for (let i = at + 1; i < this.at; i++) value = value * 256 + (bytes[i] as number);
    // 2^53 and above are not exact any more, and in a changeset nothing is that large.
    if (value >= 2 ** 53) throw this.error(field, "number is too large", at);
    return value;
  }
}

/** Bytes that the head of an item has, by the five low bits of its first byte; 0 = not allowed. */
export function headBytes(first: number): number {
  const info = first & 31;
  if (info < 24) return 1;
  return info > 27 ? 0 : 1 + (1 << (info - 24));
}

/** Returns the number in the head at `at`, which is there whole. */
export function headValue(bytes: Uint8Array, at: number): number {
  const info = (bytes[at] as number) & 31;
  if (info < 24) return info;
  const width = 1 << (info - 24);
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + 1 + i] as number);
  return width === 8 && value >= twoTo32 * 0x20_0000 ? Number.POSITIVE_INFINITY : value;
}
