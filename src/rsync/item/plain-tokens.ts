// Tokens as they travel without compression: runs of literal bytes, blocks of the basis, an end.

import type { FramedWriter } from "../wire/framed-writer.ts";
import { type WireCursor, within } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** Longer runs of literals are refused by some releases. */
export const literalBytesMax = 32_768;

/** Who takes tokens. */
export interface TokenSink {
  /** Bytes of a run; good until this returns. */
  literal(bytes: Uint8Array): void;
  /** A block of the basis, by its number. */
  block(number: number): void;
}

/** Takes the tokens of one file as they come. */
export interface TokenReader {
  /** What has been read last brings more than was handed on: the next call does not read on. */
  readonly isExpanding: boolean;
  /** Reads a token, or what is there of a run. Says whether there are more. Throws as the cursor does. */
  read(cursor: WireCursor): boolean;
}

/** Reads plain tokens of a file whose basis has so many blocks. */
export class PlainTokenReader implements TokenReader {
  readonly isExpanding = false;
  readonly #sink: TokenSink;
  readonly #count: number;
  /** Bytes of the run that have not come. */
  #left = 0;

  constructor(sink: TokenSink, count: number) {
    this.#sink = sink;
    this.#count = count;
  }

  read(cursor: WireCursor): boolean {
    if (this.#left > 0) {
      const taken = Math.min(this.#left, cursor.left);
      if (taken === 0) cursor.byte();
      this.#sink.literal(cursor.view(taken));
      this.#left -= taken;
      return true;
    }
    const token = cursor.int();
    if (token === 0) return false;
    if (token > 0) this.#left = token;
    else {
      const number = within("a block's number", ~token, 0, this.#count - 1);
      this.#sink.block(number);
    }
    return true;
  }
}

/** Writes a run of literals, in as many tokens as it takes. */
export function encodeLiteral(writer: WireWriter, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += literalBytesMax) {
    const part = bytes.subarray(at, at + literalBytesMax);
    writer.int(part.length);
    writer.raw(part);
  }
}

/** Writes that a block of the basis comes here. */
export function encodeBlock(writer: WireWriter, number: number): void {
  writer.int(-number - 1);
}

/** Writes the end of a file's tokens. */
export function encodeTokensEnd(writer: WireWriter): void {
  writer.int(0);
}

/** Writes a run of literals as frames. */
export function writeLiteralToken(
  writer: FramedWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at += literalBytesMax) {
    const to = Math.min(end, at + literalBytesMax);
    writer.int(to - at);
    writer.raw(bytes, at, to);
  }
}

/** Writes a block of the basis as frames. */
export function writeBlockToken(writer: FramedWriter, number: number): void {
  writer.int(-number - 1);
}
