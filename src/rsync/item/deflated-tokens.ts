// Tokens of a compressed conversation: flag bytes, chunks of compressed literals, numbers of blocks.

import type { FramedWriter } from "../wire/framed-writer.ts";
import { encodeFrame } from "../wire/frames.ts";
import { tag } from "../wire/message-tags.ts";
import { type WireCursor, within } from "../wire/wire-cursor.ts";
import { flushMark } from "./deflate.ts";
import type { Expander } from "./expander.ts";
import type { TokenReader, TokenSink } from "./plain-tokens.ts";

const flag = { end: 0, block: 0x20, run: 0x21, data: 0x40, near: 0x80, nearRun: 0xc0 } as const;
/** Fourteen bits say how long a chunk is. */
const chunkBytesMax = 0x3fff;
const runMax = 0xffff;

/** Reads the tokens of one file whose basis has so many blocks. */
export class DeflatedTokenReader implements TokenReader {
  readonly #sink: TokenSink;
  readonly #count: number;
  readonly #expander: Expander;
  #last = 0;
  isExpanding = false;
  /** Literals have come since the last turn. */
  #isOpen = false;

  constructor(sink: TokenSink, count: number, expander: Expander) {
    this.#sink = sink;
    this.#count = count;
    this.#expander = expander;
    expander.begin?.();
  }

  read(cursor: WireCursor): boolean {
    if (this.isExpanding) {
      this.isExpanding = this.#literal();
      return true;
    }
    const first = cursor.byte();
    if ((first & 0xc0) === flag.data) {
      const length = ((first & 0x3f) << 8) | cursor.byte();
      this.#expander.take(cursor.view(length));
      this.isExpanding = true;
      this.#isOpen = true;
      return true;
    }
    if (first !== flag.end && first < flag.near && first !== flag.block && first !== flag.run) {
      within("a token", first, flag.end, flag.end);
    }
    const [begin, more] = first === flag.end ? [0, 0] : this.#blocks(cursor, first);
    // All of the token is there.
    if (this.#isOpen) {
      this.#expander.end?.();
      while (this.#literal());
    }
    this.#isOpen = false;
    if (first === flag.end) return false;
    for (let number = begin; number <= begin + more; number++) this.#sink.block(number);
    this.#last = begin + more;
    return true;
  }

  /** Returns the first block of a run, and how many follow it. */
  #blocks(cursor: WireCursor, first: number): readonly [begin: number, more: number] {
    const isNear = first >= flag.near;
    const begin = isNear ? this.#last + (first & 0x3f) : cursor.int();
    const isRun = isNear ? first >= flag.nearRun : first === flag.run;
    const more = isRun ? cursor.byte() | (cursor.byte() << 8) : 0;
    within("a block's number", begin, 0, this.#count - 1);
    within("a block's number", begin + more, 0, this.#count - 1);
    return [begin, more];
  }

  /** Hands on what is next of what has come; says whether there was any. */
  #literal(): boolean {
    const literal = this.#expander.next();
    if (literal !== undefined && literal.length > 0) this.#sink.literal(literal);
    return literal !== undefined;
  }
}

/** Writes deflated literals as frames. */
export function writeDeflated(writer: FramedWriter, deflated: Uint8Array): void {
  for (let at = 0; at < deflated.length; at += chunkBytesMax) {
    const to = Math.min(deflated.length, at + chunkBytesMax);
    writer.byte(flag.data | ((to - at) >> 8));
    writer.byte((to - at) & 0xff);
    writer.raw(deflated, at, to);
  }
}

/** Writes that so many blocks of the basis come here. */
export function writeBlockRun(writer: FramedWriter, first: number, count: number): void {
  for (let at = 0; at < count; at += runMax + 1) {
    const more = Math.min(count - at, runMax + 1) - 1;
    writer.byte(more > 0 ? flag.run : flag.block);
    writer.int(first + at);
    if (more === 0) continue;
    writer.byte(more & 0xff);
    writer.byte(more >> 8);
  }
}

/** A frame that stands between two pieces of one run of literals, each of which was deflated by itself. */
export function deflatedJoin(): Uint8Array {
  return encodeFrame(tag.data, Uint8Array.of(flag.data, flushMark.length, ...flushMark));
}
