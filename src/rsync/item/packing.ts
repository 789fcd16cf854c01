// How literals are compressed for the other end, each run by itself, so that lanes need not know of one another.

import type { CompressionName } from "../hello/negotiation.ts";
import type { FramedWriter } from "../wire/framed-writer.ts";
import { deflateLiteral } from "./deflate.ts";
import { writeDeflated } from "./deflated-tokens.ts";
import { lz4Blocks } from "./lz4.ts";
import { zstdFrame } from "./zstd.ts";

/** By what, and how hard; undefined = the usual. Plain: it goes to lanes. */
export interface Packing {
  readonly name: Exclude<CompressionName, "none">;
  readonly level: number | undefined;
}

/** zlib's own default; whatever is no level of it is that. */
const usualDeflation = 6;

/** Says whether the end of a flush is to be sent between two runs with nothing else between them. */
export function needsFlushMarks({ name }: Packing): boolean {
  return name === "zlibx" || name === "zlib";
}

/** Writes a run of literals as frames. */
export function writePacked(
  writer: FramedWriter,
  bytes: Uint8Array,
  { name, level }: Packing,
): void {
  if (name === "lz4") lz4Blocks(bytes, (block) => writeDeflated(writer, block));
  else if (name === "zstd") writeDeflated(writer, zstdFrame(bytes, level));
  else {
    const isLevel = level !== undefined && level >= 1 && level <= 9;
    writeDeflated(writer, deflateLiteral(bytes, isLevel ? level : usualDeflation));
  }
}

/** Returns how many bytes so many bytes of literals, in so many runs, are packed into at most. */
export function packedBytes(bytes: number, runs: number): number {
  return bytes + Math.ceil(bytes / 128) + 128 * runs;
}
