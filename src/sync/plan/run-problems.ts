// Problems of a run as a whole, which its owner meets and no lane.

import type { ByteString } from "../../base/index.ts";
import type { FsError } from "../../fs/index.ts";
import type { NoteEvent, ProblemEvent } from "../../tree/index.ts";

/** Something about filter rules or maps of ids that does no harm. */
export function ruleWarning(message: ByteString, role: "source" | "target"): ProblemEvent {
  return { type: "problem", path: "", role, operation: "filter", errno: 0, message, exit: 0 };
}

/** One of several connections broke off, or could not be had: the others do its work. */
export function streamWarning(message: ByteString): ProblemEvent {
  return {
    type: "problem",
    path: "",
    role: "source",
    operation: "connection",
    errno: 0,
    message,
    exit: 0,
  };
}

/** Nothing is deleted: the source was not read whole (promise P6). In rsync's words. */
export const noDeletions: NoteEvent = {
  type: "note",
  topic: "del",
  level: 0,
  text: "IO error encountered -- skipping file deletion",
};

/** --max-delete spared so many. */
export function skippedDeletions(count: number): ProblemEvent {
  return {
    type: "problem",
    path: "",
    role: "target",
    operation: "max-delete",
    errno: 0,
    message: `Deletions stopped due to --max-delete limit (${count} skipped)`,
    exit: 25,
  };
}

/** A call on the target failed. */
export function targetProblem(
  path: ByteString,
  { operation, errno }: FsError,
  exit = 23,
): ProblemEvent {
  return { type: "problem", path, role: "target", operation, errno, exit };
}
