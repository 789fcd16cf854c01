// A file that a receiving rsync asks for, on its way from a lane to the wire.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { Digest } from "../../hash/index.ts";
import type { Answer } from "../../rsync/index.ts";
import type { FramedFile } from "../tasks/far-tasks.ts";
import type { PushedRow } from "./push-directory.ts";

/** A file that was asked for. */
export interface PushedFile extends PushedRow {
  readonly answer: Answer;
}

/** What became of it. */
export interface PushedResult {
  readonly failed: FramedFile["failed"];
  readonly literal: number;
  readonly matched: number;
}

/** Memory that goes back when all of it has left. */
export interface Held {
  readonly room: Uint8Array;
  uses: number;
}

/** What became of a file of which a lane has told nothing. */
export const lost = { operation: "read", errno: 5 };

/** Bytes of a file, as it was listed. */
export function sizeOf({ directory, row }: PushedRow): number {
  return directory.columns.size[row] as number;
}

/** Hashes the literal bytes in frames that hold nothing but runs of literals. */
export function hashFrames(digest: Digest, bytes: Uint8Array, start: number, end: number): void {
  // The stream of the frames is runs: a length, and so many bytes; either may lie across frames.
  let [left, need, length] = [0, 4, 0];
  for (let at = start; at < end; ) {
    const payload =
      (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    at += 4;
    const stop = at + payload;
    while (at < stop) {
      if (left === 0) {
        length = (length >>> 8) | ((bytes[at++] as number) << 24);
        if (--need > 0) continue;
        [left, need, length] = [length >>> 0, 4, 0];
        continue;
      }
      const taken = Math.min(left, stop - at);
      digest.update(bytes, at, at + taken);
      at += taken;
      left -= taken;
    }
  }
}

/** Returns how an entry is called for people. */
export function pathOf({ directory, row }: PushedRow): ByteString {
  return row < 0 ? "." : joinPath(directory.path, directory.columns.name(row));
}
