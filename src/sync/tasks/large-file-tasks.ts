// What lanes are asked about large files, and what they answer. Plain values: they cross threads.

import type { Options } from "../../options/index.ts";
import type { LargeBasis, LargeFile, Piece, PieceCounts, Pieces } from "../../pipeline/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { ApplyTask } from "./apply-task.ts";

/** From this size on a file is shared: below, one lane is done before the others have heard of it. */
export const largeBytesMin = 64 * 1024 * 1024;

/**
 * Says whether files of this run can be written by several lanes: staged, from the source and what is under their own
 * names, and with holes only where nothing else is wanted.
 */
export function sharesLargeFiles({ transfer, basisDirs, limits }: Options): boolean {
  return (
    // Under a limit several lanes are no faster, and a piece would take long.
    limits.bwlimit === 0 &&
    !transfer.inplace &&
    !(transfer.sparse && (transfer.preallocate || transfer.wholeFile === false)) &&
    !transfer.dryRun &&
    transfer.fuzzy === 0 &&
    basisDirs.kind === "none"
  );
}

/** Compare a piece of a large file with what the target has: the entry `from`, which the task is about. */
export interface LargeCompareTask extends Omit<ApplyTask, "kind"> {
  readonly kind: "large-compare";
  readonly position: number;
  readonly length: number;
}

/** Open a large file: the entry `from`, which the task is about. */
export interface LargeBeginTask extends Omit<ApplyTask, "kind"> {
  readonly kind: "large-begin";
}

/** Sign blocks of an open large file's basis. */
export interface LargeSignTask {
  readonly kind: "large-sign";
  readonly node: number;
  readonly from: number;
  readonly basis: LargeBasis;
  readonly firstBlock: number;
  readonly blockCount: number;
}

/** Write a piece of an open large file. */
export interface LargePieceTask extends Piece {
  readonly kind: "large-piece";
  readonly node: number;
  readonly from: number;
}

/** Give an open large file up. */
export interface LargeAbandonTask extends Omit<ApplyTask, "kind" | "pieces"> {
  readonly kind: "large-abandon";
  readonly pieces: Pieces;
}

/** Any of these tasks. */
export type LargeTask =
  | LargeCompareTask
  | LargeBeginTask
  | LargeSignTask
  | LargePieceTask
  | LargeAbandonTask;

/** A piece of a large file was compared. */
export interface LargeCompareResult {
  readonly kind: "large-compare";
  readonly node: number;
  readonly from: number;
  /** False also when one of them cannot be read, or the source is not what it was. */
  readonly equal: boolean;
}

/** A large file is open, or has to be written by one lane alone. */
export interface LargeBeginResult {
  readonly kind: "large-begin";
  readonly node: number;
  readonly from: number;
  readonly events: readonly ProgressEvent[];
  readonly file: LargeFile | "alone";
}

/** Blocks of a basis are signed. */
export interface LargeSignResult {
  readonly kind: "large-sign";
  readonly node: number;
  readonly from: number;
  /** False = the basis cannot be read. */
  readonly signed: boolean;
}

/** What writing a piece did. */
export interface LargePieceResult {
  readonly kind: "large-piece";
  readonly node: number;
  readonly from: number;
  readonly position: number;
  /** Bytes that were there. */
  readonly length: number;
  readonly counts: PieceCounts;
  readonly error: Pieces["error"];
}

/** Any answer that concerns a large file before it is applied. */
export type LargeResult =
  | LargeCompareResult
  | LargeBeginResult
  | LargeSignResult
  | LargePieceResult;
