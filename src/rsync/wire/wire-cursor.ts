// Reads rsync's encodings from bytes of which the rest may not have come yet: whoever reads begins an item anew
// when there is more.

import { type ByteString, fromBytes, ManifoldError } from "../../base/index.ts";

/** Thrown when an item is not there to its end. One object for all: it is thrown for every piece that comes. */
export const shortage: Error = new Error("more bytes are needed");

/** Extra bytes that the first byte of a varint or varlong announces. */
export function extraBytes(first: number): number {
  if (first < 0x80) return 0;
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  if (first < 0xf8) return 4;
  return first < 0xfc ? 5 : 6;
}

/** Returns the error for what breaks rsync's protocol. */
export function brokenProtocol(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end broke rsync's protocol: ${what}`);
}

/** A position in bytes. Everything throws `shortage` when bytes are missing and a protocol-data error when they are wrong. */
export class WireCursor {
  bytes: Uint8Array;
  /** The next byte to be read. */
  at: number;
  /** Where the bytes end. */
  end: number;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at >= this.end) throw shortage;
    return this.bytes[this.at++] as number;
  }

  /** Two bytes, least significant first. */
  short(): number {
    if (this.end - this.at < 2) throw shortage;
    const { bytes, at } = this;
    this.at += 2;
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  }

  /** Four bytes, least significant first, with a sign. */
  int(): number {
    if (this.end - this.at < 4) throw shortage;
    const { bytes, at } = this;
    this.at += 4;
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    );
  }

  /** An int that must lie between two numbers. */
  intWithin(field: string, min: number, max: number): number {
    return within(field, this.int(), min, max);
  }

  /** A number of 32 bits with a sign, in one to five bytes. */
  varint(): number {
    if (this.at >= this.end) throw shortage;
    const { bytes, at } = this;
    const first = bytes[at] as number;
    if (first < 0x80) {
      this.at = at + 1;
      return first;
    }
    const extra = extraBytes(first);
    if (extra > 4) throw brokenProtocol("a varint is too long");
    if (this.end - at < 1 + extra) throw shortage;
    let value = 0;
    for (let i = 0; i < extra; i++) value |= (bytes[at + 1 + i] as number) << (8 * i);
    if (extra < 4) value |= (first & ((1 << (8 - extra)) - 1)) << (8 * extra);
    this.at = at + 1 + extra;
    return value;
  }

  /** A varint that must lie between two numbers. */
  varintWithin(field: string, min: number, max: number): number {
    return within(field, this.varint(), min, max);
  }

  /** A number of 64 bits with a sign, in at least `min` bytes. Beyond 2^53 it is refused: no file is so large. */
  varlong(min: number): number {
    if (this.end - this.at < min) throw shortage;
    const { bytes, at } = this;
    const first = bytes[at] as number;
    const extra = extraBytes(first);
    const length = min + extra;
    if (length > 9) throw brokenProtocol("a varlong is too long");
    if (this.end - at < length) throw shortage;
    let low = 0;
    let high = 0;
    const put = (value: number, place: number): void => {
      if (place < 4) low |= value << (8 * place);
      else if (place < 8) high |= value << (8 * (place - 4));
    };
    for (let i = 0; i < length - 1; i++) put(bytes[at + 1 + i] as number, i);
    put(first & ((1 << (8 - extra)) - 1), length - 1);
    this.at = at + length;
    const value = high * 2 ** 32 + (low >>> 0);
    if (!Number.isSafeInteger(value)) throw brokenProtocol("a number is beyond all files");
    return value;
  }

  /** Bytes behind their length in one or two bytes. */
  vstring(max: number): ByteString {
    const first = this.byte();
    const length = first < 0x80 ? first : ((first & 0x7f) << 8) | this.byte();
    return this.string("a string", length, max);
  }

  /** That many bytes as a byte string. */
  string(field: string, length: number, max: number): ByteString {
    within(`the length of ${field}`, length, 0, max);
    if (this.end - this.at < length) throw shortage;
    const { at } = this;
    this.at += length;
    return fromBytes(this.bytes, at, at + length);
  }

  /** That many bytes, in memory of their own. */
  copy(length: number): Uint8Array {
    return this.view(length).slice();
  }

  /** That many bytes where they lie. */
  view(length: number): Uint8Array {
    if (this.end - this.at < length) throw shortage;
    const { at } = this;
    this.at += length;
    return this.bytes.subarray(at, at + length);
  }
}

/** Returns the value, or throws a protocol-data error when it is not between the two. */
export function within(field: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw brokenProtocol(`${field} is ${value}, must be from ${min} to ${max}`);
}
