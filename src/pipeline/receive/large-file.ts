// One large file copied in pieces by several lanes: begun by one, filled by all, finished by one.
// Descriptors belong to the process, so that every lane can use those that the first one opened.

import { type FileHandle, FsError } from "../../fs/index.ts";
import type { Seen } from "./commit.ts";
import { completeStaged } from "./complete-staged.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import { createdModeOf } from "./new-attributes.ts";
import { keepPartial } from "./partial-files.ts";
import type { LargeFile, Pieces } from "./pieces.ts";
import { createStaged, discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Opens source and staged file. Throws FsError for the target's troubles; undefined = the source's, which were reported. */
export function beginLarge(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  content: ContentSource,
): LargeFile | undefined {
  const { fs, options } = context;
  const { listing, index } = entry;
  let source: FileHandle;
  try {
    source = content.open(entry);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.sourceProblem(entry, "open", error.errno);
    return undefined;
  }
  const size = listing.size[index] as number;
  const createdMode = createdModeOf(options, listing, index);
  try {
    const made = createStaged(fs, context.staging, place, entry.name, createdMode);
    const { staged, file: target } = made;
    if (options.preallocate) fs.allocate(target, 0, size);
    const isShared = fs.clone(source, target);
    const { name, mount } = staged;
    return { source, target, size, createdMode, name, mount, isShared };
  } catch (error) {
    content.fs.closeFile(source);
    throw error;
  }
}

/**
 * Completes a file whose pieces are there. Undefined = the source is not what it was: it has to be read anew. Throws
 * FsError. The file's descriptors are closed in any case.
 */
export function finishLarge(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  content: ContentSource,
  pieces: Pieces,
): boolean | undefined {
  const { file, length, error } = pieces;
  const staged = context.staging.find(place, file.name, file.mount);
  try {
    const failed = error !== undefined;
    if (failed || length !== file.size || !content.isUnchanged(file.source, entry)) {
      abandonLarge(context, place, entry, pieces, staged);
      if (failed) throw new FsError(error.errno, error.operation, "");
      return undefined;
    }
    context.count(length, 0);
    const { target, createdMode, source } = file;
    return completeStaged(context, place, entry, seen, { staged, target, createdMode, source });
  } finally {
    content.fs.closeFile(file.source);
  }
}

/** Gives up a file: what is there without a gap is kept if that is wanted. Closes the target's descriptor only. */
export function abandonLarge(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  { file, prefix }: Pieces,
  staged: Staged = context.staging.find(place, file.name, file.mount),
): void {
  const { fs } = context;
  try {
    fs.truncate(file.target, prefix);
  } finally {
    fs.closeFile(file.target);
    if (!keepPartial(context, place, entry, staged)) discardStaged(fs, staged);
  }
}
