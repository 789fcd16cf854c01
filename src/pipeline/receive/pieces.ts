// What is known of a large file while several lanes copy it.

import type { ByteString } from "../../base/index.ts";
import type { FileHandle } from "../../fs/index.ts";

/** About 15 ms of copying in memory: short enough to hear a signal, long enough to cost nothing. */
export const largePieceBytes = 32 * 1024 * 1024;

/** A file under way. Plain values: it crosses threads. */
export interface LargeFile {
  readonly source: FileHandle;
  readonly target: FileHandle;
  readonly size: number;
  readonly createdMode: number;
  /** Where it is staged, to be found again by Staging.find. */
  readonly name: ByteString;
  readonly mount: ByteString;
  /** Holes of the source, and zeros, become holes. */
  readonly sparse: boolean;
  /** The kernel's own copy has no advantage (FileSystem.copiesThroughMemory). */
  readonly throughMemory: boolean;
  /** The file system shares blocks: nothing is left to copy. */
  readonly isShared: boolean;
  /** What the target has, to find again in the source; undefined = everything is copied. */
  readonly basis: LargeBasis | undefined;
}

/** A basis whose blocks several lanes sign, and then look for. */
export interface LargeBasis {
  readonly file: FileHandle;
  readonly size: number;
  readonly blockLength: number;
  /** The weak sums of its blocks, in shared memory. */
  readonly sums: SharedArrayBuffer;
  /** The target shares its blocks to begin with. */
  readonly isShared: boolean;
}

/** What a piece, or all of them, have of the basis. */
export interface PieceCounts {
  /** Bytes that the basis has. */
  readonly matched: number;
  /** Blocks found, windows that were looked up, and those of them that were not confirmed. */
  readonly matches: number;
  readonly hashHits: number;
  readonly falseAlarms: number;
}

/** Counts of what was copied without a look at a basis. */
export const nothingMatched: PieceCounts = { matched: 0, matches: 0, hashHits: 0, falseAlarms: 0 };

/** Adds the counts of one piece to those of others. */
export function addCounts(a: PieceCounts, b: PieceCounts): PieceCounts {
  return {
    matched: a.matched + b.matched,
    matches: a.matches + b.matches,
    hashHits: a.hashHits + b.hashHits,
    falseAlarms: a.falseAlarms + b.falseAlarms,
  };
}

/** How the pieces went. */
export interface Pieces {
  readonly file: LargeFile;
  /** Bytes that were there. */
  readonly length: number;
  /** Bytes that are there without a gap from the start on. */
  readonly prefix: number;
  /** Where the last of them ends, after gaps or not. */
  readonly reach: number;
  readonly counts: PieceCounts;
  /** A system call that failed. */
  readonly error: { readonly errno: number; readonly operation: string } | undefined;
}
