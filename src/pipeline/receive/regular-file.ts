// Writes one regular file: stage, copy, prove, set attributes, commit.

import { joinPath } from "../../base/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import { permissionMask, change } from "../../tree/index.ts";
import { allAttributes, needsOwner, setNewFileAttributes, setXattrs } from "./attributes.ts";
import { commitStaged, type Seen } from "./commit.ts";
import type { ContentSource, ReceiveContext, SourceEntry, TargetPlace } from "./context.ts";
import { copyContent, copySparse } from "./copy-content.ts";
import { createStaged, discardStaged, type Staged } from "./staging.ts";

/** How often a file that changes while it is read is read again. */
const attemptsMax = 3;

/** Writes the whole file under its name. Returns false when a problem was reported instead. */
export function receiveWholeFile(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  content: ContentSource,
): boolean {
  let file: FileHandle;
  try {
    file = content.open(entry);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.sourceProblem(entry, "open", error.errno);
    return false;
  }
  try {
    return stageAndCommit(context, place, entry, seen, content, file);
  } finally {
    content.fs.closeFile(file);
  }
}

function stageAndCommit(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  content: ContentSource,
  file: FileHandle,
): boolean {
  const { fs } = context;
  const { listing, index } = entry;
  const mode = (listing.mode[index] as number) & permissionMask;
  const createdMode = needsOwner(context.options, listing, index) || mode > 0o777 ? 0o600 : mode;
  const { staged, file: target } = createStaged(
    fs,
    context.staging,
    place.dir,
    entry.name,
    createdMode,
  );
  let kept = false;
  try {
    try {
      if (!copyProven(context, entry, content, file, target)) return false;
      setNewFileAttributes(context, target, listing, index, createdMode);
      if (context.options.fsync) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
    setStagedXattrs(context, staged, entry);
    kept = commitStaged(context, place, entry.name, staged, seen);
    return kept;
  } finally {
    if (!kept) discardStaged(fs, staged);
  }
}

function setStagedXattrs(context: ReceiveContext, staged: Staged, entry: SourceEntry): void {
  const { listing, index } = entry;
  const bits = allAttributes(context.options, listing, index) & (change.acl | change.xattr);
  if (bits !== 0)
    setXattrs(context.fs, staged.dir, staged.name, listing.xattrs.get(index) ?? [], bits);
}

/**
 * Whether sharing blocks is worth a call: no longer once it has failed. A run that spans file systems may lose
 * a chance by this, never content; the kernel's own copy shares blocks where it can, too.
 */
const reflink = { works: true };

/** Copies until one copy saw the same source before and after. */
function copyProven(
  context: ReceiveContext,
  entry: SourceEntry,
  content: ContentSource,
  file: FileHandle,
  target: FileHandle,
): boolean {
  const { listing, index } = entry;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const size = listing.size[index] as number;
    if (attempt > 1) context.fs.truncate(target, 0);
    const copied = copyAll(context, file, target, size);
    context.count(copied, 0);
    if (copied === size && content.isUnchanged(file, entry)) return true;
    content.refresh(file, entry);
  }
  if (context.options.onConflict === "overwrite") return true;
  context.sourceProblem(
    entry,
    "read",
    0,
    `changed while it was read, ${attemptsMax} times in a row`,
  );
  return false;
}

function copyAll(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  size: number,
): number {
  const { fs, options } = context;
  if (options.preallocate && size > 0) fs.allocate(target, 0, size);
  if (options.sparse) return copySparse(context, source, target, size);
  if (size > 0 && reflink.works && fs.abilities.kernelCopy) {
    reflink.works = fs.clone(source, target);
    if (reflink.works) return size;
  }
  return copyContent(context, source, target, 0, size);
}

/** Reports a failed system call on the target; anything but a file error is a bug or stops the run. */
export function reportTargetError(
  context: ReceiveContext,
  place: TargetPlace,
  name: string,
  error: unknown,
): void {
  if (!(error instanceof FsError)) throw error;
  context.problem(joinPath(place.path, name), error.operation, error.errno);
}
