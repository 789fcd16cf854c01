// Gives a staged entry its name: the one moment in which the target changes (promise P1), and the
// last look at whether the target is still what the scan saw (promise P5).

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import { type Directory, isDirectory, sameNanos, typeMask } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();

/** What is told of a conflict. */
export const leftAsItIs = "the target changed during the run and was left as it is";

/** What the scan saw under the name: an entry of the target listing, or nothing. */
export interface Seen {
  readonly listing: Directory;
  /** -1 = nothing. */
  readonly index: number;
}

/** What tells that somebody else has brought the same content already: an entry of the source listing. */
export interface Wanted {
  readonly listing: Directory;
  readonly index: number;
}

/**
 * Moves the staged entry to its name. Returns false, after reporting a conflict, when the target changed since the
 * scan and the user wants that respected; the staged entry is then gone. Throws FsError, EXDEV among others.
 */
export function commitStaged(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
  wanted?: Wanted,
): boolean {
  const { fs, options } = context;
  // It was made under its own name.
  if (place.isApart) return true;
  if (seen.index >= 0 && context.backups?.keep(context, place, name, false) === "failed") {
    discardStaged(fs, staged);
    return false;
  }
  if (options.onConflict === "overwrite") {
    overwrite(context, place, name, staged, seen);
    return true;
  }
  if (seen.index >= 0 && replaceSeen(context, place, name, staged, seen)) return true;
  try {
    fs.rename(staged.dir, staged.name, place.dir, name, "no-replace");
    return true;
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
    return settleConflict(context, place, name, staged, wanted);
  }
}

/**
 * Replaces what the scan saw. False when something else, or nothing, stands there. The two change places, so that
 * what came out can be looked at: what was written between a look and a rename would be lost.
 */
function replaceSeen(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
): boolean {
  const { fs } = context;
  if (!fs.abilities.renameFlags) return replaceAfterLook(context, place, name, staged, seen);
  try {
    fs.rename(staged.dir, staged.name, place.dir, name, "exchange");
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT") return false;
    if (cannotExchange.has(error.code)) return replaceAfterLook(context, place, name, staged, seen);
    throw error;
  }
  if (lookAtOther(context, place, name, staged) && looksAsSeen(context, stat, seen)) {
    dispose(context, place, name, staged);
    return true;
  }
  fs.rename(staged.dir, staged.name, place.dir, name, "exchange");
  return false;
}

/** Reads what came out of an exchange into `stat`. Where that cannot be, both go back to their places; throws FsError. */
function lookAtOther(
  { fs }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): boolean {
  try {
    return fs.stat(staged.dir, staged.name, stat);
  } catch (error) {
    fs.rename(staged.dir, staged.name, place.dir, name, "exchange");
    throw error;
  }
}

const cannotExchange = new Set(["EINVAL", "ENOSYS", "EOPNOTSUPP"]);

/** Removes what came out of an exchange, and `stat` tells of; a directory with the deletions. */
function dispose(
  { fs, displaced }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): void {
  if (!isDirectory(stat.mode)) fs.unlink(staged.dir, staged.name);
  else if (displaced !== undefined) displaced(place, name, staged);
  else fs.removeDirectory(staged.dir, staged.name);
}

const otherKind = new Set(["EISDIR", "ENOTDIR", "ENOTEMPTY", "EEXIST"]);

/** Replaces whatever stands under the name; a directory, or by a directory, only if the scan saw that it would be so. */
function overwrite(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
): void {
  const { fs } = context;
  try {
    fs.rename(staged.dir, staged.name, place.dir, name);
    return;
  } catch (error) {
    if (!(error instanceof FsError) || seen.index < 0 || !otherKind.has(error.code)) throw error;
    fs.rename(staged.dir, staged.name, place.dir, name, "exchange");
    lookAtOther(context, place, name, staged);
    if (!isDirectory(stat.mode) || seen.listing.isDirectory(seen.index)) {
      dispose(context, place, name, staged);
      return;
    }
    fs.rename(staged.dir, staged.name, place.dir, name, "exchange");
    throw error;
  }
}

/** For file systems that cannot exchange: leaves a moment in which a change goes unseen. */
function replaceAfterLook(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
): boolean {
  const { fs, displaced } = context;
  if (!isAsSeen(context, place, name, seen)) return false;
  if (isDirectory(stat.mode) && displaced !== undefined) {
    const aside = { ...staged, name: `${staged.name}.displaced` };
    fs.rename(place.dir, name, aside.dir, aside.name);
    displaced(place, name, aside);
  }
  fs.rename(staged.dir, staged.name, place.dir, name);
  return true;
}

/** Says whether the name still stands for what the scan saw. */
export function isAsSeen(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  seen: Seen,
): boolean {
  return context.fs.stat(place.dir, name, stat) && looksAsSeen(context, stat, seen);
}

/** Says whether attributes that were just read are those that the scan saw. */
export function looksAsSeen(
  { hasLinkedTarget }: ReceiveContext,
  now: Stat,
  { listing, index }: Seen,
): boolean {
  const isSameThing =
    ((now.mode ^ (listing.mode[index] as number)) & typeMask) === 0 &&
    now.size === listing.size[index] &&
    now.inoLow === listing.inoLow[index] &&
    now.inoHigh === listing.inoHigh[index];
  // What this run has done to one name of a file has happened to all of them.
  if (isSameThing && (listing.nlink[index] as number) > 1 && hasLinkedTarget?.()) return true;
  return (
    isSameThing &&
    now.mode === listing.mode[index] &&
    now.mtime === listing.mtime[index] &&
    now.mtimeNanos === listing.mtimeNanos[index]
  );
}

/** The target has something that the scan did not see: fine if it is what we bring, else as the user wishes. */
function settleConflict(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  wanted: Wanted | undefined,
): boolean {
  if (wanted !== undefined && isWanted(context, place, name, wanted)) {
    discardStaged(context.fs, staged);
    return true;
  }
  const kept =
    context.options.onConflict === "keep-both" ? keepBoth(context, place, name, staged) : undefined;
  if (kept === undefined) discardStaged(context.fs, staged);
  const reason = leftAsItIs;
  context.problem(
    joinPath(place.path, name),
    "conflict",
    0,
    kept === undefined ? reason : `${reason}; the source's is now "${kept}"`,
  );
  return false;
}

/** Another run with the same source came first. */
function isWanted(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  { listing, index }: Wanted,
): boolean {
  const { attributes } = context.options;
  return (
    context.fs.stat(place.dir, name, stat) &&
    stat.mode === listing.mode[index] &&
    stat.size === listing.size[index] &&
    stat.mtime === listing.mtime[index] &&
    sameNanos(attributes, stat.mtimeNanos, listing.mtimeNanos[index] as number)
  );
}

const namesTried = 100;

/** Gives the staged entry a name of its own beside the other; returns it. */
function keepBoth(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): ByteString | undefined {
  for (let number = 1; number <= namesTried; number++) {
    const suffix = number === 1 ? ".conflict" : `.conflict-${number}`;
    const other = name.slice(0, 255 - suffix.length) + suffix;
    try {
      context.fs.rename(staged.dir, staged.name, place.dir, other, "no-replace");
      return other;
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
    }
  }
  return undefined;
}
