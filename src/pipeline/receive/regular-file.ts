// Writes one regular file: by default stage, copy, prove, set attributes, commit. The other ways
// (in place, on top of an unfinished file) begin here and go on in files of their own.

import { closeRead, type FileHandle, FsError } from "../../fs/index.ts";
import type { Seen } from "./commit.ts";
import { completeStaged } from "./complete-staged.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import { continuePartial } from "./continue-partial.ts";
import { receiveInPlace } from "./in-place.ts";
import { finishLarge } from "./large-file.ts";
import { createdModeOf } from "./new-attributes.ts";
import { ownBasis } from "./own-basis.ts";
import { findPartial, keepPartial } from "./partial-files.ts";
import { fillProven, openBasis } from "./prove-content.ts";
import { createStaged, discardStaged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Writes the file under its name. Returns false when a problem was reported instead. */
export function receiveRegularFile(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  content: ContentSource,
  changes: number,
): boolean {
  const { pieces } = entry;
  try {
    const finished = pieces && finishLarge(context, place, entry, seen, content, pieces);
    return finished ?? readAnew(context, place, entry, seen, content, changes);
  } catch (error) {
    if (!(error instanceof FsError) || !isReading(error)) throw error;
    context.sourceProblem(entry, "read", error.errno);
    return false;
  }
}

const copying = new Set(["copy_file_range", "ioctl"]);

/** Reading is what happens to the source; a basis is read where its errors are caught. Only the source can be a directory. */
function isReading({ operation, code }: FsError): boolean {
  return operation === "pread" || (code === "EISDIR" && copying.has(operation));
}

function readAnew(
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
  } finally {
    closeRead(content.fs, file);
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
    { isKept: (entry.listing.size[entry.index] as number) >= options.content.keepsFrom },
  );
  let filled: boolean | undefined;
  try {
    const open = options.content.delta ? openBasis(context, place, entry, seen) : undefined;
    const basis = open && ownBasis(context, place, entry.name, open);
    try {
      const filling = { source: file, target, basis, isBasis: false } as const;
      filled = fillProven(context, entry, content, filling);
    } finally {
      if (basis !== undefined) closeRead(fs, basis.file);
    }
  } catch (error) {
    // What is wrong with one file would be wrong the next time, too.
    if (error instanceof FsError) filled = false;
    throw error;
  } finally {
    if (!filled) {
      fs.closeFile(target);
      // undefined = the run was stopped, or its line broke.
      const isBroken = filled === undefined;
      if (!keepPartial(context, place, entry, staged, isBroken)) discardStaged(fs, staged);
    }
  }
  if (!filled) return false;
  return completeStaged(context, place, entry, seen, { staged, target, createdMode, source: file });
}
