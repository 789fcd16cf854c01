// Proof by a second source, where neither listings nor the reference have digests: before a file is put together of what several
// sources have, some blocks of the first that comes of each are held against the same blocks of the reference. Size and time of files
// may agree by chance or by neglect, and halves of two files make none.

import { equalDigests } from "../../hash/index.ts";
import type { SourceFile } from "../source.ts";
import { SourceError } from "../source-error.ts";
import type { PullSource } from "./pull-source.ts";

const blockBytes = 4096;

/** Says whether bytes of a file, from an offset on, are those that the reference has, as far as is looked. */
export type Sampler = (file: SourceFile, offset: number, bytes: Uint8Array) => Promise<boolean>;

/** Returns what looks at three blocks: the first, one in the middle, the last. Undefined = the reference can only be read from its beginnings. */
export function samplerOf(
  { source, abilities, bringsContent }: PullSource,
  signal: AbortSignal,
): Sampler | undefined {
  if (!abilities.ranges || !bringsContent) return undefined;
  return async (file, offset, bytes) => {
    const length = Math.min(blockBytes, bytes.length);
    const last = bytes.length - length;
    const places = new Set([0, Math.floor(last / 2), last]);
    try {
      for (const at of places) {
        let read = at;
        for await (const own of source.read(file, { offset: offset + at, length }, signal)) {
          if (!equalDigests(own, bytes.subarray(read, read + own.length))) return false;
          read += own.length;
        }
      }
      return true;
    } catch (error) {
      // Nobody knows: size and time have to do.
      if (error instanceof SourceError || signal.aborted) return true;
      throw error;
    }
  };
}
