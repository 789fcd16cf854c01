// Writes rsync's encodings into memory that grows.

import { assert, type ByteString } from "../../base/index.ts";

const firstBytes = 1024;

/** Bytes to be sent. */
export class WireWriter {
  #bytes = new Uint8Array(firstBytes);
  #used = 0;

  /** Bytes that have been written. */
  get length(): number {
    return this.#used;
  }

  /** What has been written, in memory of its own; the writer is empty then. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    return taken;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#used++] = value;
  }

  short(value: number): void {
    this.#room(2);
    this.#bytes[this.#used++] = value;
    this.#bytes[this.#used++] = value >>> 8;
  }

  int(value: number): void {
    this.#room(4);
    for (let shift = 0; shift < 32; shift += 8) this.#bytes[this.#used++] = value >>> shift;
  }

  varint(value: number): void {
    this.#variable(value >>> 0, 0, 4, 1);
  }

  /** `value` is a safe integer. */
  varlong(value: number, min: number): void {
    assert(Number.isSafeInteger(value), "A varlong is an exact number.");
    this.#variable(value >>> 0, Math.floor(value / 2 ** 32) >>> 0, 8, min);
  }

  vstring(value: ByteString): void {
    assert(value.length < 0x8000, "A vstring is shorter than 32 KiB.");
    if (value.length > 0x7f) this.byte(0x80 | (value.length >> 8));
    this.byte(value.length & 0xff);
    this.string(value);
  }

  string(value: ByteString): void {
    this.#room(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[this.#used++] = value.charCodeAt(i);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #variable(low: number, high: number, size: number, min: number): void {
    const byteAt = (i: number): number => ((i < 4 ? low : high) >>> (8 * (i % 4))) & 0xff;
    let count = size;
    while (count > min && byteAt(count - 1) === 0) count--;
    const bit = 1 << (7 - count + min);
    const top = byteAt(count - 1);
    if (top >= bit) this.byte(~(bit - 1));
    else if (count > min) this.byte(top | ~(2 * bit - 1));
    else this.byte(top);
    const lower = top >= bit ? count : count - 1;
    for (let i = 0; i < lower; i++) this.byte(byteAt(i));
  }

  #room(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }
}
