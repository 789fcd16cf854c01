// The records of the progress stream: what a run tells the outside while it works. Stages make
// them, sync puts them into listing order, the faces print them. Paths are byte strings relative
// to the transfer root. Records are plain values, so that they can cross threads.

import type { ByteString } from "../base/index.ts";

/** One entry that was changed, would be changed, or (when asked for) is up to date. */
export interface ItemEvent {
  readonly type: "item";
  readonly path: ByteString;
  /** Bits of tree/itemize.ts. */
  readonly changes: number;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  /** Further times, where entries are only listed. */
  readonly atime?: number;
  readonly crtime?: number;
  /** Where a symlink points, or the leader of a hard link (then change.hardLink is set). */
  readonly linkTarget?: ByteString;
  /** The path on the source side, where it differs from `path` (for log formats). */
  readonly sourcePath?: ByteString;
  /** The file of the target that it was made of, where that had another name (then change.found is set). */
  readonly madeOf?: ByteString;
  /** Which of the run's source roots it came from, where that is asked for. */
  readonly source?: number;
  /** Bytes of content that were read from the source (literal data). */
  readonly literal: number;
  /** Bytes of content taken from a basis on the target. */
  readonly matched: number;
  /** Hexadecimal digest of the content, where the output format asks for one. */
  readonly checksum?: string;
}

/** One path that was deleted, or would be. */
export interface DeleteEvent {
  readonly type: "delete";
  readonly path: ByteString;
  readonly mode: number;
}

/**
 * Trouble with one path that does not stop the run. `role` says which side met it; the text is built from
 * `operation` and errno, or is `message` when there is more to say.
 */
export interface ProblemEvent {
  readonly type: "problem";
  readonly path: ByteString;
  readonly role: "source" | "target";
  readonly operation: string;
  /** Linux error number, 0 when the problem is not a failed system call. */
  readonly errno: number;
  readonly message?: string;
  /** What it does to the exit status: partial 23, vanished 24, none 0 (a warning), 25 max-delete, 11 disk full... */
  readonly exit: number;
}

/** A line for people about one topic of rsync's --info and --debug flags, at its level. */
export interface NoteEvent {
  readonly type: "note";
  readonly topic: string;
  readonly level: number;
  /** Bytes, without the final newline. */
  readonly text: ByteString;
}

/** The content transfer of one file advanced or ended (only when per-file progress is asked). */
export interface FileProgressEvent {
  readonly type: "file-progress";
  readonly path: ByteString;
  readonly done: number;
  readonly size: number;
  readonly finished: boolean;
  /** Its place among the entries of its directory, for whoever knows the directory's place. */
  readonly index: number;
  /** With `finished`, when it is told: how many entries of the source come after it, of how many known ones. */
  readonly toCheck?: number;
  readonly total?: number;
  /** All entries are known. */
  readonly scanComplete?: boolean;
}

/**
 * Stands before the events of an entry, or where they belong that come later. Whoever puts events into order takes
 * it out: nobody is told.
 */
export interface RowEvent {
  readonly type: "row";
  /** The entry, by its place in the listing of its directory. */
  readonly row: number;
}

/** Everything that stages put on the progress stream. */
export type ProgressEvent =
  | ItemEvent
  | DeleteEvent
  | ProblemEvent
  | NoteEvent
  | FileProgressEvent
  | RowEvent;

/** Names of the counters, in the order they lie in a lane's shared Float64Array. */
export const counterNames = [
  // Entries of the source, by type (rsync's "Number of files" and its breakdown).
  "regular",
  "directories",
  "symlinks",
  "devices",
  "specials",
  // Entries made new on the target, by type.
  "createdRegular",
  "createdDirectories",
  "createdSymlinks",
  "createdDevices",
  "createdSpecials",
  // Entries deleted, by type.
  "deletedRegular",
  "deletedDirectories",
  "deletedSymlinks",
  "deletedDevices",
  "deletedSpecials",
  // What was done.
  "transferredFiles",
  "changed",
  "unchanged",
  "linked",
  "moved",
  "copied",
  "failed",
  "problems",
  "conflicts",
  // Bytes.
  "totalSize",
  "transferredSize",
  "literal",
  "matched",
  // What the search for blocks did (rsync's --debug=deltasum).
  "matches",
  "hashHits",
  "falseAlarms",
  // What the search for content in any file of the target did (--content-index). The estimate: bytes of files that were wanted and
  // may be there in parts, of files to be looked through, and bytes a second of the line (0 = not known).
  "indexWanted",
  "indexThrough",
  "indexLineRate",
  // Bytes that were looked through, that lists of chunks had on the wire, and that were found and so not sent.
  "indexedBytes",
  "indexLists",
  "indexFound",
  // For the live view: what is known to be left, and what is done of it.
  "plannedFiles",
  "plannedBytes",
  "doneFiles",
  "doneBytes",
] as const;

/** A counter's name. */
export type CounterName = (typeof counterNames)[number];

/** Counters by name. */
export type Counters = Record<CounterName, number>;

/** Index of each counter in a lane's array. */
export const counterIndex = Object.fromEntries(
  counterNames.map((name, index) => [name, index]),
) as Readonly<Record<CounterName, number>>;

/** Adds up the lanes' counter arrays. */
export function sumCounters(lanes: readonly Float64Array[]): Counters {
  const sums = Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
  for (const lane of lanes) {
    for (let i = 0; i < counterNames.length; i++)
      sums[counterNames[i] as CounterName] += lane[i] as number;
  }
  return sums;
}
