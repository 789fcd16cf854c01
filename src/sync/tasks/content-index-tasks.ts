// What the search for content anywhere in the files of the target asks of lanes, and what it finds. Plain values: they
// cross threads.

import type { FrozenChunks } from "../../delta/index.ts";
import type { MoveBasis } from "./move-tasks.ts";

/** Cut files of the target into chunks. */
export interface CutTask {
  readonly kind: "cut";
  /** The task's number. */
  readonly id: number;
  /** The files, packed by directories (pipeline's FilePacker). */
  readonly files: Uint8Array;
  /** The normal size of a chunk is 2^bits; smaller files are passed over. */
  readonly bits: number;
}

/** Their chunks. */
export interface CutResult {
  readonly kind: "cut";
  readonly id: number;
  /** How many chunks each of the task's files has, by their order. */
  readonly counts: Uint32Array;
  readonly chunks: FrozenChunks;
}

/** Parts of a wanted file that files of the target have. */
export interface FoundParts {
  readonly files: readonly MoveBasis[];
  /** In order and apart, each of partFields numbers: position, length, number of the file, offset in it. */
  readonly parts: Float64Array;
}

/** Numbers of a part. */
export const partFields = 4;

/** Parts of the entries of a range, by entry from the range's first one on. */
export type EntryParts = readonly (FoundParts | undefined)[];
