// How the tokens of a conversation's files are read.

import type { CompressionName } from "../hello/negotiation.ts";
import { Inflater } from "./deflate.ts";
import { DeflatedTokenReader } from "./deflated-tokens.ts";
import { PlainTokenReader, type TokenReader, type TokenSink } from "./plain-tokens.ts";

/** Readers of one file after the other. */
export class TokenReaders {
  #inflater: Inflater | undefined;

  /** Returns that of the next file, whose basis has so many blocks. */
  of(compression: CompressionName, sink: TokenSink, count: number): TokenReader {
    if (compression === "none") return new PlainTokenReader(sink, count);
    this.#inflater ??= new Inflater();
    return new DeflatedTokenReader(sink, count, this.#inflater);
  }
}
