// A window on a file of any size: read once, in order, in a piece of memory that slides along.

import type { Observe, ReadAt } from "./stream.ts";
import { readFully } from "./stream.ts";

/** Where the window's bytes come from and who else wants to see them. */
export interface WindowSource {
  readonly read: ReadAt;
  /** The first byte's position in the file. */
  readonly start: number;
  /** The end of the range that is read; the file may end before. */
  readonly end: number;
  /** Sees every byte once, in order, when it leaves the window. */
  readonly observe?: Observe | undefined;
}

/** bytes[start, filled) are the file's bytes from `position` on. */
export class SourceWindow {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly #capacity: number;
  readonly #source: WindowSource;
  /** The end of the bytes that are there. */
  filled: number;
  /** The position in the file of bytes[start]. */
  position: number;
  /** Nothing is left to read. */
  ended = false;

  constructor(bytes: Uint8Array, start: number, capacity: number, source: WindowSource) {
    this.bytes = bytes;
    this.start = start;
    this.#capacity = capacity;
    this.#source = source;
    this.filled = start;
    this.position = source.start;
  }

  /** Drops the bytes before `from`, which becomes `start`, and reads until full or at the end. */
  slideTo(from: number): void {
    this.#source.observe?.(this.bytes, this.start, from);
    this.bytes.copyWithin(this.start, from, this.filled);
    this.position += from - this.start;
    this.filled -= from - this.start;
    const filePosition = this.position + (this.filled - this.start);
    const room = this.start + this.#capacity - this.filled;
    const wanted = Math.min(room, this.#source.end - filePosition);
    const { read } = this.#source;
    const length = readFully(read, this.bytes, this.filled, wanted, filePosition);
    this.filled += length;
    this.ended = length < room;
  }

  /** Shows what is left to the observer; the window is then used up. */
  finish(): void {
    if (this.filled > this.start) this.#source.observe?.(this.bytes, this.start, this.filled);
  }
}
