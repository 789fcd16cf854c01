// The last steps of a staged file that has all its content: attributes, proof, name.

import { errno } from "../../base/index.ts";
import { closeRead, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import type { Seen } from "./commit.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import { copyContent } from "./copy-content.ts";
import { finishStaged, isFlushed } from "./finish.ts";
import { setNewAttributes } from "./new-attributes.ts";
import { isReadBack } from "./read-back.ts";
import { createStaged, discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** A staged file with its content. */
export interface Filled {
  readonly staged: Staged;
  readonly target: FileHandle;
  /** Permissions it was made with. */
  readonly createdMode: number;
  /** What it was read from, for reading back; undefined = whoever filled it has done that. */
  readonly source: FileHandle | undefined;
}

/**
 * Sets the attributes, closes the file and gives it its name. False = a problem was reported; the staged file is
 * then gone.
 */
export function completeStaged(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  { staged, target, createdMode, source }: Filled,
): boolean {
  const { fs, options } = context;
  let kept = false;
  try {
    try {
      setNewAttributes(context, place, entry, { staged, file: target, createdMode });
      if (isFlushed(context, entry)) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
    const readsBack = options.content.readBack && source !== undefined;
    if (readsBack && !isReadBack(context, place, entry, staged, source)) return false;
    kept = finishOrCarry(context, place, entry, staged, seen);
    return kept;
  } finally {
    if (!kept) discardStaged(fs, staged);
  }
}

/** Gives the file its name, over a copy on the target's own file system when it was staged on another. */
function finishOrCarry(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  staged: Staged,
  seen: Seen,
): boolean {
  try {
    return finishStaged(context, place, entry, staged, seen);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EXDEV" || place.isApart) throw error;
  }
  const near = carryOver(context, place, entry, staged);
  let kept = false;
  try {
    kept = finishStaged(context, place, entry, near, seen);
    if (kept) discardStaged(context.fs, staged);
    return kept;
  } finally {
    if (!kept) discardStaged(context.fs, near);
  }
}

const stat = new Stat();
/** Times of the coarsest file systems differ by so many seconds from what was set (FAT). */
const coarseSeconds = 2;

/** Says whether an open staged file is what was finished: what a rename that failed half way left may be another. */
function isFinished(
  { fs, options }: ReceiveContext,
  { listing, index }: SourceEntry,
  file: FileHandle,
): boolean {
  fs.statFile(file, stat);
  const late = Math.abs(stat.mtime - (listing.mtime[index] as number));
  return stat.size === listing.size[index] && (!options.attributes.times || late <= coarseSeconds);
}

/** Copies a finished staged file to where a rename can reach its name. Throws FsError, also when it is not whole there. */
function carryOver(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  from: Staged,
): Staged {
  const { fs, staging } = context;
  const size = entry.listing.size[entry.index] as number;
  const { staged, file: target } = createStaged(fs, staging, place, entry.name, 0o600, {
    near: true,
  });
  let complete = false;
  try {
    try {
      const file = fs.openRead(from.dir, from.name);
      try {
        const isOurs = isFinished(context, entry, file);
        if (!isOurs || copyContent(context, file, target, 0, size) !== size) {
          throw new FsError(errno.EXDEV, "rename", from.name);
        }
      } finally {
        closeRead(fs, file);
      }
      setNewAttributes(context, place, entry, { staged, file: target, createdMode: 0o600 });
      if (isFlushed(context, entry)) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
    complete = true;
    return staged;
  } finally {
    if (!complete) discardStaged(fs, staged);
  }
}
