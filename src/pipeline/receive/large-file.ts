// One large file copied in pieces by several lanes: begun by one, filled by all, finished by one.
// Descriptors belong to the process, so that every lane can use those that the first one opened.

import { closeRead, type FileHandle, FsError } from "../../fs/index.ts";
import type { Seen } from "./commit.ts";
import { completeStaged } from "./complete-staged.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import type { Basis } from "./delta-content.ts";
import { beginBasis, canShareBasis } from "./large-delta.ts";
import { createdModeOf } from "./new-attributes.ts";
import { ownBasis } from "./own-basis.ts";
import { findPartial, keepPartial, releasePartial } from "./partial-files.ts";
import type { LargeFile, Pieces } from "./pieces.ts";
import { openBasis } from "./prove-content.ts";
import { createStaged, discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/**
 * Opens source and staged file, and the basis if there is one to use. Throws FsError for the target's troubles;
 * undefined = the source's, which were reported. "alone" = one lane has to do it, and nothing is open.
 */
export function beginLarge(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  content: ContentSource,
): LargeFile | "alone" | undefined {
  const { fs, options } = context;
  const partial = findPartial(context, place, entry.name);
  if (partial !== undefined) {
    releasePartial(context, place, partial, false);
    return "alone";
  }
  let source: FileHandle;
  try {
    source = content.open(entry);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.sourceProblem(entry, "open", error.errno);
    return undefined;
  }
  const open = options.content.delta ? openBasis(context, place, entry, seen) : undefined;
  const basis = open && ownBasis(context, place, entry.name, open);
  let begun: LargeFile | undefined;
  try {
    if (basis === undefined || canShareBasis(context, basis)) {
      begun = openStaged(context, place, entry, source, basis);
    }
    return begun ?? "alone";
  } finally {
    if (begun === undefined) closeRead(content.fs, source);
    if (begun?.basis === undefined && basis !== undefined) closeRead(fs, basis.file);
  }
}

function openStaged(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  source: FileHandle,
  basis: Basis | undefined,
): LargeFile {
  const { fs, options } = context;
  const { listing, index } = entry;
  const size = listing.size[index] as number;
  const createdMode = createdModeOf(options, listing, index);
  const isKept = size >= options.content.keepsFrom;
  const made = createStaged(fs, context.staging, place, entry.name, createdMode, { isKept });
  const { staged, file: target } = made;
  const { name, mount } = staged;
  try {
    const begun = basis && basis.size > 0 ? beginBasis(context, basis, target) : undefined;
    const { sparse } = options;
    if (begun?.isShared || sparse) fs.truncate(target, size);
    if (options.preallocate) fs.allocate(target, 0, size);
    const isShared = begun === undefined && !sparse && fs.clone(source, target);
    const throughMemory = fs.copiesThroughMemory?.(target) ?? false;
    const staging = { name, mount, createdMode };
    const ways = { sparse, throughMemory, isShared, basis: begun };
    return { source, target, size, ...staging, ...ways };
  } catch (error) {
    fs.closeFile(target);
    discardStaged(fs, staged);
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
  const { file, length, counts, error } = pieces;
  const staged = context.staging.find(place, file.name, file.mount);
  try {
    const failed = error !== undefined;
    if (failed || length !== file.size || !content.isUnchanged(file.source, entry)) {
      abandonLarge(context, place, entry, pieces, staged);
      if (failed) throw new FsError(error.errno, error.operation, "");
      return undefined;
    }
    context.count(length - counts.matched, counts.matched);
    context.countMatches(counts.matches, counts.hashHits, counts.falseAlarms);
    const { target, createdMode, source } = file;
    return completeStaged(context, place, entry, seen, { staged, target, createdMode, source });
  } finally {
    closeRead(content.fs, file.source);
    if (file.basis !== undefined) closeRead(context.fs, file.basis.file);
  }
}

/**
 * Gives up a file: what is there is kept if that is wanted. Under the file's own name only what is there without a gap,
 * because its length counts for rsync (--append, --size-only). Closes the target's descriptor only.
 */
export function abandonLarge(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  { file, prefix, reach }: Pieces,
  staged: Staged = context.staging.find(place, file.name, file.mount),
): void {
  const { fs, options } = context;
  try {
    fs.truncate(file.target, options.content.partials === undefined ? prefix : reach);
  } finally {
    fs.closeFile(file.target);
    if (!keepPartial(context, place, entry, staged)) discardStaged(fs, staged);
  }
}
