// Writes bytes of a multiplexed stream into memory, as frames from the start: so whoever has much to send (a lane) makes it what
// leaves the machine, and nobody has to copy it again.

import { dataBytesMax, frameHead, headBytes } from "./frames.ts";
import { tag } from "./message-tags.ts";

/** Returns how many bytes of memory so many bytes of the stream take at most, written in so many calls. */
export function framedBytes(bytes: number, calls: number): number {
  return bytes + 4 * calls + (Math.ceil((bytes + 4 * calls) / dataBytesMax) + 1) * headBytes;
}

/** Frames, one behind the other. There must be room for all that is written. */
export class FramedWriter {
  readonly bytes: Uint8Array;
  /** Where the next byte goes. */
  used: number;
  /** Where the frame begins that is being filled; -1 = none is. */
  #begin = -1;

  /** Writes into `bytes` from `start` on. */
  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.used = start;
  }

  int(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  byte(value: number): void {
    this.#room();
    this.bytes[this.used++] = value;
  }

  /** Bytes of `from`, which may be the memory that is written to, but no part of it that has not been written yet. */
  raw(from: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const length = Math.min(this.#room(), end - at);
      if (from.buffer === this.bytes.buffer) {
        const shift = from.byteOffset - this.bytes.byteOffset;
        this.bytes.copyWithin(this.used, at + shift, at + shift + length);
      } else this.bytes.set(from.subarray(at, at + length), this.used);
      this.used += length;
      at += length;
    }
  }

  /** Ends the frame that is being filled: what follows may leave much later. */
  end(): void {
    if (this.#begin < 0) return;
    const length = this.used - this.#begin - headBytes;
    frameHead(this.bytes, this.#begin, tag.data, length);
    this.#begin = -1;
  }

  /** Begins a frame where none is open or the open one is full; returns how many bytes it takes. */
  #room(): number {
    const filled = this.used - this.#begin - headBytes;
    if (this.#begin >= 0 && filled < dataBytesMax) return dataBytesMax - filled;
    this.end();
    this.#begin = this.used;
    this.used += headBytes;
    return dataBytesMax;
  }
}
