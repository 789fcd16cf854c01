// What the search for renamed files asks of lanes, and what they answer. Plain values: they cross threads.

import type { ByteString } from "../../base/index.ts";
import type { FrozenOrders } from "../../changeset/index.ts";
import type { FrozenDirectory } from "../../tree/index.ts";

/**
 * Where a file lies that may have wanted content: it stays on the target, its deletion is planned, it was removed in this
 * run and is held, or it lies in the tree --rename-from that has this number less `from`.
 */
export const fileTag = { stays: 0, goes: 1, gone: 2, from: 3 } as const;

/** Entries of a surveyed directory that wait until all of the target has been seen, as a listing of their own. */
export interface WaitingRows {
  readonly source: FrozenDirectory;
  readonly target: FrozenDirectory;
  readonly orders: FrozenOrders;
  /** Which entry of the directory's listing each of them is. In shared memory. */
  readonly rows: Uint32Array;
}

/** A file of the target that an entry may be made of. */
export interface MoveBasis {
  /** Of fileTag. */
  readonly tag: number;
  readonly directory: ByteString;
  readonly name: ByteString;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  /** What is the same: size and time, the size, or no more than a likeness of names. */
  readonly same: "time" | "size" | "name";
  /** The entry is the one that the file becomes: its deletion is certain, or has happened. */
  readonly becomes: boolean;
  /** Of its content; told to the other end of the run in this order. */
  readonly digest?: Uint8Array;
  /** What the file looked like when that was computed. */
  readonly looks?: string;
  /** The other end knows the sums of its blocks. */
  readonly isSigned?: boolean;
}

/** What the entries of a range may be made of, likeliest first, by entry from the range's first one on. */
export type MoveBases = readonly (readonly MoveBasis[])[];

/** Look for files in directories of the target that nobody has listed, and below. */
export interface SeekTask {
  readonly kind: "seek";
  readonly places: readonly SeekPlace[];
}

/** Such a directory. */
export interface SeekPlace {
  /** 0 = the target's, else 1 + the number of a tree of --rename-from. */
  readonly root: number;
  readonly path: ByteString;
  /** It is to be deleted with all that filters do not protect. */
  readonly goes: boolean;
}

/** Which directories are left: a task does about as much as its share. */
export interface SeekResult {
  readonly kind: "seek";
  readonly left: readonly SeekPlace[];
}
