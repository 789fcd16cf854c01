// A file matched with a basis piece by piece, so that whoever is served beside it has turns.

import {
  closeIndex,
  type MatchOptions,
  matchBlocks,
  openIndex,
  type TokenSink,
} from "../../delta/index.ts";
import type { Steps } from "./steps.ts";

/** Bytes that are matched at once: 32 MiB take some 50 ms. A block across an end is not found. */
const pieceBytes = 32 * 1024 * 1024;

/** Matches the first `size` bytes of a file, and tells the sink. */
export function* matchInTurns(options: MatchOptions, size: number, sink: TokenSink): Steps {
  const index = openIndex(options.signature);
  try {
    for (let start = 0; start < size; start += pieceBytes) {
      matchBlocks({ ...options, index, start, end: Math.min(start + pieceBytes, size) }, sink);
      yield;
    }
  } finally {
    closeIndex(index);
  }
}
