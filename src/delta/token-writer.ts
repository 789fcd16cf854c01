// From what the search finds to tokens: neighbouring blocks become one copy, and whatever lies between
// two blocks is literal.

import type { SourceWindow } from "./source-window.ts";
import type { TokenSink } from "./stream.ts";

/** What was written. */
export interface TokenCounts {
  readonly matches: number;
  readonly literalLength: number;
  readonly matchedLength: number;
}

/** Writes the tokens of one file, in order. Places are places in the window. */
export class TokenWriter {
  readonly #sink: TokenSink;
  readonly #window: SourceWindow;
  /** Where the literal bytes start that the sink has not got. */
  #literalStart: number;
  /** The run of blocks that the sink has not got. */
  #runFirst = 0;
  #runCount = 0;
  #matches = 0;
  #literalLength = 0;
  #matchedLength = 0;

  constructor(sink: TokenSink, window: SourceWindow) {
    this.#sink = sink;
    this.#window = window;
    this.#literalStart = window.start;
  }

  /** The bytes from `at` to `end` are a block of the basis. */
  block(at: number, block: number, end: number): void {
    this.#writeLiteral(at);
    if (this.#runCount === 0 || block !== this.#runFirst + this.#runCount) {
      this.#writeRun();
      this.#runFirst = block;
    }
    this.#runCount++;
    this.#literalStart = end;
    this.#matches++;
    this.#matchedLength += end - at;
  }

  /** Everything before `at` is about to leave the window, whose start is the next byte's place then. */
  leave(at: number): void {
    this.#writeLiteral(at);
    this.#literalStart = this.#window.start;
  }

  /** The file ends where the window's bytes end. */
  finish(): TokenCounts {
    this.#writeLiteral(this.#window.filled);
    this.#writeRun();
    return {
      matches: this.#matches,
      literalLength: this.#literalLength,
      matchedLength: this.#matchedLength,
    };
  }

  #writeLiteral(end: number): void {
    const start = this.#literalStart;
    if (start >= end) return;
    this.#writeRun();
    this.#sink.literal(this.#window.bytes, start, end);
    this.#literalLength += end - start;
    this.#literalStart = end;
  }

  #writeRun(): void {
    if (this.#runCount === 0) return;
    this.#sink.copy(this.#runFirst, this.#runCount);
    this.#runCount = 0;
  }
}
