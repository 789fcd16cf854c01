// Gives a staged entry its name: the one moment in which the target changes (promise P1), and the
// last look at whether the target is still what the scan saw (promise P5).

import type { ByteString } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import { type Directory, isDirectory, typeMask } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";
import { holdReplaced, holdStanding, toHeldName } from "./held-contents.ts";
import { settleConflict, type Wanted } from "./settle-conflict.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();

/** What the scan saw under the name: an entry of the target listing, or nothing. */
export interface Seen {
  readonly listing: Directory;
  /** -1 = nothing. */
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
  const held = toHeldName(context, place, name, staged, seen);
  let isReplaced = false;
  try {
    const isHeld = held !== undefined;
    isReplaced = exchangeWithSeen(context, place, name, held ?? staged, seen, isHeld);
    return isReplaced;
  } catch (error) {
    if (!(error instanceof FsError) || !cannotExchange.has(error.code)) throw error;
  } finally {
    if (held !== undefined && !isReplaced) takeBack(context, held, staged);
  }
  return replaceAfterLook(context, place, name, staged, seen);
}

/** Gives a staged entry its former name, if it has the other one. */
function takeBack({ fs }: ReceiveContext, held: Staged, staged: Staged): void {
  try {
    fs.rename(held.dir, held.name, staged.dir, staged.name);
  } catch (error) {
    // It has been taken back already.
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
  }
}

/** False when something else, or nothing, stands under the name: then everything is as it was. */
function exchangeWithSeen(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
  isHeld: boolean,
): boolean {
  const { fs } = context;
  try {
    fs.rename(staged.dir, staged.name, place.dir, name, "exchange");
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
    return false;
  }
  if (lookAtOther(context, place, name, staged) && looksAsSeen(context, stat, seen)) {
    if (!isHeld) dispose(context, place, name, staged);
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
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): void {
  const { fs, displaced } = context;
  if (!isDirectory(stat.mode)) {
    if (!holdReplaced(context, place, name, staged, stat)) fs.unlink(staged.dir, staged.name);
  } else if (displaced !== undefined) displaced(place, name, staged);
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
  if (seen.index >= 0 && overwriteHeld(context, place, name, staged, seen)) return;
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

/** Errors of an exchange that was not made: the usual way is left. */
const isUndone = new Set([...cannotExchange, "ENOENT"]);

/** Replaces a file whose content is kept for others; false = it is not, and nothing was done. */
function overwriteHeld(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  seen: Seen,
): boolean {
  const { fs } = context;
  const held = fs.abilities.renameFlags && toHeldName(context, place, name, staged, seen);
  if (!held) return false;
  let isReplaced = false;
  try {
    fs.rename(held.dir, held.name, place.dir, name, "exchange");
    isReplaced = lookAtOther(context, place, name, held) && !isDirectory(stat.mode);
    if (!isReplaced) fs.rename(held.dir, held.name, place.dir, name, "exchange");
  } catch (error) {
    // Of any other error nobody knows whether it came before the two had changed places or after.
    if (!(error instanceof FsError) || !isUndone.has(error.code)) throw error;
  } finally {
    if (!isReplaced) takeBack(context, held, staged);
  }
  return isReplaced;
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
  } else holdStanding(context, place, name, stat);
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
