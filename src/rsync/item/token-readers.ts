// How the tokens of a conversation's files are read.

import type { CompressionName } from "../hello/negotiation.ts";
import { Inflater } from "./deflate.ts";
import { DeflatedTokenReader } from "./deflated-tokens.ts";
import type { Expander } from "./expander.ts";
import { Lz4Expander } from "./lz4.ts";
import { PlainTokenReader, type TokenReader, type TokenSink } from "./plain-tokens.ts";
import { ZstdExpander } from "./zstd.ts";

/** Readers of one file after the other. */
export class TokenReaders {
  #expander: Expander | undefined;

  /** Returns that of the next file, whose basis has so many blocks. */
  of(compression: CompressionName, sink: TokenSink, count: number): TokenReader {
    if (compression === "none") return new PlainTokenReader(sink, count);
    this.#expander ??= expanderOf(compression);
    return new DeflatedTokenReader(sink, count, this.#expander);
  }

  /** Nothing more is read. */
  close(): void {
    this.#expander?.close?.();
  }
}

function expanderOf(compression: Exclude<CompressionName, "none">): Expander {
  if (compression === "zstd") return new ZstdExpander();
  return compression === "lz4" ? new Lz4Expander() : new Inflater();
}
