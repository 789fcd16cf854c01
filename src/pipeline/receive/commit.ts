// Gives a staged entry its name: the one moment in which the target changes (promise P1), and the
// last look at whether the target is still what the scan saw (promise P5).

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { ReceiveContext, TargetPlace } from "./context.ts";
import { discardStaged, type Staged } from "./staging.ts";

const stat = new Stat();

/** What the scan saw under the name: an entry of the target listing, or nothing. */
export interface Seen {
  readonly listing: Directory;
  /** -1 = nothing. */
  readonly index: number;
}

/**
 * Moves the staged entry to its name. Returns false, after reporting a conflict, when the target changed since the
 * scan and the user wants that respected; the staged entry is then gone.
 */
export function commitStaged(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
): boolean {
  const { fs, options } = context;
  if (options.onConflict === "overwrite") {
    fs.rename(staged.dir, staged.name, place.dir, name);
    return true;
  }
  if (seen.index >= 0) {
    if (!isAsSeen(context, place, name, seen)) return conflict(context, place, name, staged);
    fs.rename(staged.dir, staged.name, place.dir, name);
    return true;
  }
  try {
    fs.rename(staged.dir, staged.name, place.dir, name, "no-replace");
  } catch (error) {
    if (error instanceof FsError && error.code === "EEXIST")
      return conflict(context, place, name, staged);
    throw error;
  }
  return true;
}

/** Says whether the name still stands for what the scan saw. */
export function isAsSeen(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  seen: Seen,
): boolean {
  if (!context.fs.stat(place.dir, name, stat)) return false;
  const { listing, index } = seen;
  return (
    stat.mode === listing.mode[index] &&
    stat.size === listing.size[index] &&
    stat.mtime === listing.mtime[index] &&
    stat.mtimeNanos === listing.mtimeNanos[index] &&
    stat.inoLow === listing.inoLow[index] &&
    stat.inoHigh === listing.inoHigh[index]
  );
}

function conflict(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): false {
  discardStaged(context.fs, staged);
  context.problem(
    joinPath(place.path, name),
    "conflict",
    0,
    "the target changed during the run and was left as it is",
  );
  return false;
}
