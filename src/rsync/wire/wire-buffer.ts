// Bytes that have come and have not been understood yet: what is parsed where it lies, and kept when its end is missing.

import { brokenProtocol, shortage, WireCursor } from "./wire-cursor.ts";

const firstBytes = 4096;

/** Feeds a cursor. */
export class WireBuffer {
  readonly cursor = new WireCursor();
  #held = new Uint8Array(firstBytes);
  #heldUsed = 0;
  readonly #max: number;

  /** `max`: bytes that may have come of one item; more of it are refused. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Bytes that are kept. */
  get heldBytes(): number {
    return this.#heldUsed;
  }

  /**
   * Has `parse` read items until it says false or bytes are missing. Each call reads one whole item, and may leave nothing
   * behind when it throws `shortage`.
   */
  feed(bytes: Uint8Array, parse: (cursor: WireCursor) => boolean): void {
    const { cursor } = this;
    if (this.#heldUsed === 0) {
      cursor.bytes = bytes;
      cursor.end = bytes.length;
    } else {
      this.#append(bytes, 0);
      cursor.bytes = this.#held;
      cursor.end = this.#heldUsed;
    }
    cursor.at = 0;
    this.#parse(parse);
    const { at, end } = cursor;
    if (cursor.bytes === this.#held) {
      this.#held.copyWithin(0, at, end);
      this.#heldUsed = end - at;
    } else this.#append(bytes, at);
    if (this.#heldUsed > this.#max) throw brokenProtocol("an item has no end");
  }

  #parse(parse: (cursor: WireCursor) => boolean): void {
    const { cursor } = this;
    let begin = cursor.at;
    try {
      while (parse(cursor)) begin = cursor.at;
    } catch (error) {
      if (error !== shortage) throw error;
      cursor.at = begin;
    }
  }

  #append(bytes: Uint8Array, from: number): void {
    const more = bytes.length - from;
    const needed = this.#heldUsed + more;
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.max(needed, this.#held.length * 2));
      grown.set(this.#held.subarray(0, this.#heldUsed));
      this.#held = grown;
    }
    this.#held.set(from === 0 ? bytes : bytes.subarray(from), this.#heldUsed);
    this.#heldUsed = needed;
  }
}
