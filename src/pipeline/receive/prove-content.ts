// Fills a file from the source and proves that what was read is what the scan saw (promise P7): the
// source looks the same before and after. A source that changed meanwhile is read again.

import { closeRead, type FileHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { isRegular } from "../../tree/index.ts";
import type { Seen } from "./commit.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import { copyContent, copyDiffering } from "./copy-content.ts";
import { type Basis, BasisError, buildFromBasis, shareBasis } from "./delta-content.ts";
import { copySparse, punchZeros } from "./sparse.ts";
import type { TargetPlace } from "./target-place.ts";

/** How often a file that changes while it is read is read again. */
const attemptsMax = 3;

/** What is filled from what. */
export interface Filling {
  readonly source: FileHandle;
  readonly target: FileHandle;
  /** A file to take content from; undefined = the source has it all. */
  readonly basis: Basis | undefined;
  /** The target is its own basis, and has content already. */
  readonly isBasis: boolean;
}

/** Fills the target until one attempt saw the same source before and after. False = reported. */
export function fillProven(
  context: ReceiveContext,
  entry: SourceEntry,
  content: ContentSource,
  filling: Filling,
): boolean {
  const { listing, index } = entry;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const size = listing.size[index] as number;
    if (attempt > 1 && !filling.isBasis) context.fs.truncate(filling.target, 0);
    const length = fill(context, filling, size);
    // Of what came, as much as the target had before is not new; what it then has where it stands is among that.
    const known = Math.min(content.matchedBytes?.(filling.source) ?? 0, length);
    if (known > took.matched) note(length - known, known);
    if (length === size && content.isUnchanged(filling.source, entry)) return taken(context, true);
    if (!content.refresh(filling.source, entry) && !context.options.content.copyDevices) {
      context.sourceProblem(entry, "read", 0, "is no regular file any more");
      return taken(context, false);
    }
  }
  if (context.options.content.acceptTorn) return taken(context, true);
  const message = `changed while it was read, ${attemptsMax} times in a row`;
  context.sourceProblem(entry, "read", 0, message);
  return taken(context, false);
}

/** Where the content of the last attempt came from; earlier attempts do not count. */
const took = { literal: 0, matched: 0 };

function taken(context: ReceiveContext, done: boolean): boolean {
  context.count(took.literal, took.matched);
  return done;
}

function note(literal: number, matched: number): number {
  took.literal = literal;
  took.matched = matched;
  return literal + matched;
}

/** Returns how many bytes there were. */
function fill(context: ReceiveContext, filling: Filling, size: number): number {
  const { delta } = context.options.content;
  if (filling.basis !== undefined && filling.basis.size > 0 && delta) {
    try {
      return fillFromBasis(context, filling, filling.basis, size);
    } catch (error) {
      if (!(error instanceof BasisError)) throw error;
    }
  }
  return filling.isBasis ? fillOver(context, filling, size) : fillNew(context, filling, size);
}

/**
 * Whether sharing blocks is worth a call: no longer once it has failed. A run that spans file systems may lose
 * a chance by this, never content; the kernel's own copy shares blocks where it can, too.
 */
const reflink = { works: true };

/** Says whether files may share blocks here, as far as is known: then none is copied. */
export function sharesBlocks({ fs }: ReceiveContext): boolean {
  return reflink.works && fs.abilities.kernelCopy;
}

function fillNew(context: ReceiveContext, { source, target }: Filling, size: number): number {
  const { fs, options } = context;
  const reserved = options.preallocate && size > 0 && fs.allocate(target, 0, size);
  if (options.sparse) {
    // Some file systems free nothing beyond the end of a file.
    if (reserved) fs.truncate(target, size);
    return note(copySparse(context, source, target, size, reserved), 0);
  }
  if (size > 0 && sharesBlocks(context)) {
    reflink.works = fs.clone(source, target);
    if (reflink.works) {
      context.pace(size);
      return note(size, 0);
    }
  }
  return note(copyContent(context, source, target, 0, size), 0);
}

/** Writes whole content over what the target has. */
function fillOver(context: ReceiveContext, { source, target }: Filling, size: number): number {
  const { fs, options } = context;
  if (options.preallocate && size > 0) fs.allocate(target, 0, size);
  if (options.sparse) {
    fs.truncate(target, 0);
    return note(copySparse(context, source, target, size, false), 0);
  }
  const { length, matched } = options.content.resumes
    ? copyDiffering(context, source, target, size)
    : { length: copyContent(context, source, target, 0, size), matched: 0 };
  fs.truncate(target, length);
  return note(length - matched, matched);
}

function fillFromBasis(
  context: ReceiveContext,
  { source, target, isBasis }: Filling,
  basis: Basis,
  size: number,
): number {
  const { fs, options } = context;
  const isShared = !isBasis && shareBasis(context, basis, target);
  if (options.preallocate && size > 0 && (!isBasis || size > basis.size)) {
    fs.allocate(target, 0, size);
  }
  const begins = isBasis ? "in-place" : isShared ? "shared" : "empty";
  const counts = buildFromBasis(context, { source, target, basis, begins });
  const length = note(counts.literalLength, counts.matchedLength);
  context.countMatches(counts.matches, counts.hashHits, counts.falseAlarms);
  if (begins !== "empty" || options.preallocate) fs.truncate(target, length);
  if (options.sparse) punchZeros(context, target, length);
  return length;
}

const stat = new Stat();

/** Undefined = it is nothing to read from. */
function sizeOfRegular(fs: FileSystem, file: FileHandle): number | undefined {
  try {
    fs.statFile(file, stat);
    return isRegular(stat.mode) ? stat.size : undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Opens what the target has under the name, or the basis that was chosen for it. The caller closes it. */
export function openBasis(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
): Basis | undefined {
  const { fs } = context;
  const chosen = entry.basis ?? (seen.index < 0 ? undefined : { dir: place.dir, name: entry.name });
  if (chosen === undefined) return undefined;
  try {
    const file = fs.openRead(chosen.dir, chosen.name);
    const size = sizeOfRegular(fs, file);
    if (size !== undefined) return { file, size };
    closeRead(fs, file);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
  return undefined;
}
