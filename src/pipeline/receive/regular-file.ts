// Writes one regular file: by default stage, copy, prove, set attributes, commit. The other ways
// (in place, on top of an unfinished file) begin here and go on in files of their own.

import { type FileHandle, FsError } from "../../fs/index.ts";
import { createdModeOf, setNewAttributes } from "./attributes.ts";
import type { Seen } from "./commit.ts";
import type { ContentSource, ReceiveContext, SourceEntry, TargetPlace } from "./context.ts";
import { continuePartial } from "./continue-partial.ts";
import { copyContent } from "./copy-content.ts";
import { finishStaged } from "./finish.ts";
import { receiveInPlace } from "./in-place.ts";
import { findPartial, keepPartial } from "./partial-files.ts";
import { fillProven, openBasis } from "./prove-content.ts";
import { isReadBack } from "./read-back.ts";
import { createStaged, discardStaged, type Staged } from "./staging.ts";

/** Writes the file under its name. Returns false when a problem was reported instead. */
export function receiveRegularFile(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  content: ContentSource,
  changes: number,
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
    const rules = context.options.content;
    if (rules.plain) return stageAndCommit(context, place, entry, seen, content, file);
    if (rules.inPlace) {
      return receiveInPlace(context, place, entry, seen, { content, file, changes });
    }
    const partial = findPartial(context, place, entry.name);
    if (partial !== undefined) {
      return continuePartial(context, place, entry, seen, { content, file, partial });
    }
    return stageAndCommit(context, place, entry, seen, content, file);
  } catch (error) {
    // Reading is what happens to the source; a basis is read where its errors are caught.
    if (!(error instanceof FsError) || error.operation !== "pread") throw error;
    context.sourceProblem(entry, "read", error.errno);
    return false;
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
  const { fs, options } = context;
  const createdMode = createdModeOf(options, entry.listing, entry.index);
  const { staged, file: target } = createStaged(
    fs,
    context.staging,
    place,
    entry.name,
    createdMode,
  );
  let complete = false;
  let kept = false;
  try {
    try {
      const basis = options.content.delta ? openBasis(context, place, entry, seen) : undefined;
      try {
        const filling = { source: file, target, basis, isBasis: false } as const;
        if (!fillProven(context, entry, content, filling)) return false;
      } finally {
        if (basis !== undefined) fs.closeFile(basis.file);
      }
      setNewAttributes(context, place, entry, { staged, file: target, createdMode });
      if (options.fsync) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
    if (options.content.readBack && !isReadBack(context, place, entry, staged, file)) return false;
    complete = true;
    kept = finishOrCarry(context, place, entry, staged, seen);
    return kept;
  } finally {
    if (!kept && (complete || !keepPartial(context, place, entry, staged)))
      discardStaged(fs, staged);
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
    if (!(error instanceof FsError) || error.code !== "EXDEV") throw error;
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

/** Copies a finished staged file to where a rename can reach its name. */
function carryOver(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  from: Staged,
): Staged {
  const { fs, staging, options } = context;
  const { listing, index } = entry;
  const { staged, file: target } = createStaged(fs, staging, place, entry.name, 0o600, true);
  let complete = false;
  try {
    try {
      const file = fs.openRead(from.dir, from.name);
      try {
        copyContent(context, file, target, 0, listing.size[index] as number);
      } finally {
        fs.closeFile(file);
      }
      setNewAttributes(context, place, entry, { staged, file: target, createdMode: 0o600 });
      if (options.fsync) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
    complete = true;
    return staged;
  } finally {
    if (!complete) discardStaged(fs, staged);
  }
}
