// The files of a new directory that need nothing but their content, mode and time: copied by the
// door in one go, where it can do that. Everything else, and everything that goes wrong, is left to
// the way of single entries.

import { type Orders, order } from "../../changeset/index.ts";
import { type DirHandle, FsError, pickMark } from "../../fs/index.ts";
import { type Directory, mayGiveGroup, typeMask, typeRegular } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";
import { inheritanceOf, stageInheritance } from "./inheritance.ts";
import { createdModeOf } from "./new-attributes.ts";
import { sharesBlocks } from "./prove-content.ts";
import { StagingError } from "./staging-error.ts";
import type { TargetPlace } from "./target-place.ts";

/** Larger ones go on their own: cancelling waits for no more than a few of these. */
const bytesMax = 8 * 1024 * 1024;
/** Files between two looks at whether the run was cancelled. */
const filesPerStep = 64;

/** A range of entries. */
interface NewEntries {
  readonly listing: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
}

/** A range of entries of a source directory. */
export interface NewFiles extends NewEntries {
  readonly dir: DirHandle;
}

/** A range of entries whose content is at hand. */
export interface ArrivedFiles extends NewEntries {
  readonly bytes: Uint8Array;
  /** Where the content of an entry begins; -1 = it is not there. */
  readonly starts: Float64Array;
}

let marks = new Uint8Array(256);

/**
 * Copies what can be copied in one go into a directory that nobody sees yet. Returns marks by entry: those of value
 * pickMark.done are done; undefined = none is. The marks are good until the next call.
 */
export function copyNewFiles(
  context: ReceiveContext,
  place: TargetPlace,
  files: NewFiles,
): Uint8Array | undefined {
  const { fs } = context;
  if (fs.copyNewFiles === undefined || !place.isApart) return undefined;
  if (sharesBlocks(context) || !isSimple(context, place)) return undefined;
  const { dir, listing, from, to } = files;
  if (markWanted(context, place, files) === 0) return undefined;
  for (let first = from; first < to; first += filesPerStep) {
    context.throttle(0);
    fs.copyNewFiles(dir, place.dir, listing, first, Math.min(first + filesPerStep, to), marks);
  }
  return marks;
}

/** The same for files that have arrived; their directory may be seen, then they are staged first. */
export function writeNewFiles(
  context: ReceiveContext,
  place: TargetPlace,
  files: ArrivedFiles,
): Uint8Array | undefined {
  const { fs } = context;
  if (fs.writeNewFiles === undefined || !isSimple(context, place)) return undefined;
  const stage = place.isApart ? place : batchPlace(context);
  if (stage === undefined) return undefined;
  const { listing, from, to, bytes, starts } = files;
  if (markWanted(context, stage, files) === 0) return undefined;
  for (let i = from; i < to; i++) if ((starts[i] as number) < 0) marks[i] = pickMark.none;
  for (let first = from; first < to; first += filesPerStep) {
    context.throttle(0);
    const last = Math.min(first + filesPerStep, to);
    fs.writeNewFiles(stage.dir, place.dir, listing, first, last, marks, bytes, starts);
  }
  return marks;
}

/** Where files are staged together; undefined = nowhere. */
function batchPlace(context: ReceiveContext): TargetPlace | undefined {
  const dir = attempt(() => context.staging.batch?.());
  if (dir === undefined) return undefined;
  const gives = stageInheritance(context, dir);
  if (gives.setGroupId || gives.defaultAcl !== undefined) return undefined;
  return { dir, path: "", gives };
}

/** What is wrong with staging shows once more, and is told, with the first file on its own. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FsError || error instanceof StagingError)) throw error;
    return undefined;
  }
}

/** Says whether this run and this directory ask for nothing beyond the common case. */
function isSimple(context: ReceiveContext, place: TargetPlace): boolean {
  const { options } = context;
  const { attributes: rules, content } = options;
  if (
    !content.plain ||
    content.delayed !== "no" ||
    options.fsync ||
    options.sparse ||
    options.preallocate
  )
    return false;
  if (!rules.times || rules.atimes || rules.crtimes) return false;
  const gives = inheritanceOf(context, place);
  return !gives.setGroupId && gives.defaultAcl === undefined;
}

function markWanted(
  { options }: ReceiveContext,
  place: TargetPlace,
  { listing, orders, from, to }: NewEntries,
): number {
  if (marks.length < to) marks = new Uint8Array(to * 2);
  const { attributes: rules, euid } = options;
  const gid = place.gives?.gid;
  let wanted = 0;
  for (let i = from; i < to; i++) {
    const mode = listing.mode[i] as number;
    marks[i] = pickMark.none;
    if (orders.kind[i] !== order.add || (mode & typeMask) !== typeRegular) continue;
    if ((listing.size[i] as number) > bytesMax) continue;
    if (listing.xattrs.has(i) || (rules.owner && listing.uid[i] !== euid)) continue;
    if (mayGiveGroup(rules, listing.gid[i] as number) && listing.gid[i] !== gid) continue;
    if (createdModeOf(options, listing, i) !== (mode & 0o7777)) continue;
    // The real file is never closed to its owner, and only pretends to be.
    if (options.fakeSuper && (mode & 0o600) !== 0o600) continue;
    marks[i] = pickMark.wanted;
    wanted++;
  }
  return wanted;
}
