// Removes entries of the target, directories with everything below them, as far as the filter
// allows. Deleting is the one thing that cannot be undone, so every removal is taken from
// --max-delete first and reported after. Below a directory the last name goes first, as in rsync.

import { assert, type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import {
  Directory,
  permissionMask,
  sortListing,
  typeDirectory,
  typeMask,
} from "../../tree/index.ts";
import type { ReceiveContext, ReceiveOptions } from "./context.ts";
import { holdRemoved, noteRemoved } from "./held-contents.ts";
import type { DoomedEntry, Removal, RemovalPolicy, RemovalReason } from "./removal-policy.ts";
import type { TargetPlace } from "./target-place.ts";

const deletion: RemovalReason = { makesWay: false, recursive: true };

/** Says whether an unprivileged owner has to widen the entry's mode before it can go (as rsync does). */
export function isLocked(options: ReceiveOptions, listing: Directory, index: number): boolean {
  return (
    !options.superUser &&
    ((listing.mode[index] as number) & 0o200) === 0 &&
    listing.uid[index] === options.euid
  );
}

/** Removes an entry of `place` with everything below it. */
export function removeEntry(
  context: ReceiveContext,
  policy: RemovalPolicy,
  place: TargetPlace,
  doomed: DoomedEntry,
  reason: RemovalReason = deletion,
): Removal {
  assert(doomed.name !== "", "What is to go has a name: it is never the directory itself.");
  unlock(context, policy, place.dir, doomed);
  if (isDirectoryMode(doomed.mode)) {
    const at = placed(place, doomed.name);
    const emptied = emptyDirectory(context, policy, at, reason.recursive);
    if (emptied !== "removed") return emptied;
  }
  return removeEmptied(context, policy, place, doomed, reason.makesWay);
}

/** A directory to empty: where it lies, and the path that it is known by. */
export interface PlacedDirectory {
  readonly parent: DirHandle;
  readonly name: ByteString;
  readonly path: ByteString;
}

function placed(place: TargetPlace, name: ByteString): PlacedDirectory {
  return { parent: place.dir, name, path: joinPath(place.path, name) };
}

/** Removes a directory that something else has taken the place of: it lies in staging, but is known by its path. */
export function removeDisplaced(
  context: ReceiveContext,
  policy: RemovalPolicy,
  at: PlacedDirectory,
): void {
  if (emptyDirectory(context, policy, at, true) !== "removed" || context.options.dryRun) return;
  try {
    context.fs.removeDirectory(at.parent, at.name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code !== "ENOENT") context.problem(at.path, "rmdir", error.errno);
  }
}

/** Removes a non-directory or an empty directory. */
function removeEmptied(
  context: ReceiveContext,
  policy: RemovalPolicy,
  place: TargetPlace,
  doomed: DoomedEntry,
  makesWay: boolean,
): Removal {
  if (!makesWay && !policy.takeDeletion()) return "limit";
  const outcome = removeOne(context, policy, place, doomed);
  if (outcome === "removed") {
    if (!makesWay) policy.removed(joinPath(place.path, doomed.name), doomed.mode);
    return "removed";
  }
  if (!makesWay) policy.returnDeletion();
  return outcome === "absent" ? "removed" : outcome;
}

function removeOne(
  context: ReceiveContext,
  policy: RemovalPolicy,
  place: TargetPlace,
  doomed: DoomedEntry,
): "removed" | "absent" | "kept" | "failed" {
  const { name, mode } = doomed;
  const isDirectory = isDirectoryMode(mode);
  if (context.options.dryRun) {
    if (!isDirectory) policy.backup(place, name, mode);
    if (policy.holds) noteRemoved(context, place, name);
    return "removed";
  }
  try {
    if (!isDirectory) return removeFile(context, policy, place, doomed);
    context.fs.removeDirectory(place.dir, name);
    return "removed";
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT") return "absent";
    const path = joinPath(place.path, name);
    if (isDirectory && (error.code === "ENOTEMPTY" || error.code === "EEXIST")) {
      policy.notEmpty(path, false);
      return "kept";
    }
    context.problem(path, isDirectory ? "rmdir" : error.operation, error.errno);
    return "failed";
  }
}

/** Removes a non-directory; it is kept in the backup, and held as long as its content may be wanted. Throws FsError. */
function removeFile(
  context: ReceiveContext,
  policy: RemovalPolicy,
  place: TargetPlace,
  { name, mode }: DoomedEntry,
): "removed" | "failed" {
  const isBackedUp = context.backups !== undefined;
  if (policy.holds && isBackedUp) holdRemoved(context, place, name, "link");
  const saved = policy.backup(place, name, mode);
  if (saved === "failed") return "failed";
  const isHeld = policy.holds && !isBackedUp && holdRemoved(context, place, name, "rename");
  if (saved === "left" && !isHeld) context.fs.unlink(place.dir, name);
  return "removed";
}

function unlock(
  context: ReceiveContext,
  policy: RemovalPolicy,
  dir: DirHandle,
  doomed: DoomedEntry,
): void {
  if (!doomed.locked || context.options.dryRun) return;
  try {
    context.fs.setMode(dir, doomed.name, (doomed.mode & permissionMask) | policy.unlockBits);
  } catch (error) {
    // What this was for will fail, too, and say so.
    if (!(error instanceof FsError)) throw error;
  }
}

/** Removes what is below a directory. "kept" when something had to stay, which was then told. */
function emptyDirectory(
  context: ReceiveContext,
  policy: RemovalPolicy,
  { parent, name, path }: PlacedDirectory,
  recursive: boolean,
): "removed" | "kept" {
  const { fs } = context;
  let dir: DirHandle;
  try {
    dir = fs.openDirectory(parent, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // The directory itself may still be empty: its removal will show.
    if (error.code !== "ENOENT") context.problem(path, "opendir", error.errno);
    return "removed";
  }
  try {
    if (policy.spares?.(dir, path)) return "kept";
    const listing = new Directory();
    let empty = listDoomed(context, dir, path, listing);
    if (!recursive) empty &&= listing.count === 0;
    else if (!removeListed(context, policy, { dir, path }, listing)) empty = false;
    if (!empty) policy.notEmpty(path, false);
    return empty ? "removed" : "kept";
  } finally {
    fs.closeDirectory(dir);
  }
}

/** Lists the directory. False when it has entries that cannot be looked at, which therefore stay. */
function listDoomed(
  context: ReceiveContext,
  dir: DirHandle,
  path: ByteString,
  listing: Directory,
): boolean {
  const { fs } = context;
  try {
    fs.readNames(dir, listing);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.problem(path, "opendir", error.errno);
  }
  fs.statEntries(dir, listing, 0, listing.count);
  let complete = true;
  for (let i = 0; i < listing.count; i++) {
    const errno = listing.problem[i] as number;
    // 2: somebody else removed it.
    if (errno === 0 || errno === 2) continue;
    complete = false;
    context.problem(joinPath(path, listing.name(i)), "lstat", errno);
  }
  sortListing(listing, false);
  return complete;
}

/** Removes the listed entries; false when one of them stays. */
function removeListed(
  context: ReceiveContext,
  policy: RemovalPolicy,
  place: TargetPlace,
  listing: Directory,
): boolean {
  const protects = policy.protects(place.path);
  let empty = true;
  for (let i = listing.count - 1; i >= 0; i--) {
    if (listing.problem[i] !== 0) continue;
    const start = listing.nameStart[i] as number;
    const end = start + (listing.nameLength[i] as number);
    const isDirectory = listing.isDirectory(i);
    if (protects?.(listing.names, start, end, isDirectory)) {
      empty = false;
    } else if (isDirectory && isElsewhere(policy, listing, i)) {
      policy.mounted(joinPath(place.path, listing.name(i)));
      empty = false;
    } else if (!removeBelow(context, policy, place, doomedEntry(context, listing, i))) {
      empty = false;
    }
  }
  return empty;
}

function removeBelow(
  context: ReceiveContext,
  policy: RemovalPolicy,
  place: TargetPlace,
  doomed: DoomedEntry,
): boolean {
  const { name, mode } = doomed;
  unlock(context, policy, place.dir, doomed);
  const isFull =
    isDirectoryMode(mode) && emptyDirectory(context, policy, placed(place, name), true) === "kept";
  if (isFull) {
    // rsync tries to remove it all the same, and says again why it cannot, unless the limit stops it.
    if (policy.takeDeletion()) {
      policy.returnDeletion();
      policy.notEmpty(joinPath(place.path, name), true);
    }
    return false;
  }
  const removal = removeEmptied(context, policy, place, doomed, false);
  return removal === "removed" && !(context.options.dryRun && policy.staysBeside(name, mode));
}

/** Returns what removing entry `index` of a target listing needs to know. */
export function doomedEntry(
  { options }: ReceiveContext,
  listing: Directory,
  index: number,
): DoomedEntry {
  return {
    name: listing.name(index),
    mode: listing.mode[index] as number,
    locked: isLocked(options, listing, index),
  };
}

/** Says whether entry `index` lies on a file system that the policy keeps away from. */
export function isElsewhere({ device }: RemovalPolicy, listing: Directory, index: number): boolean {
  return (
    device !== undefined &&
    (listing.devMajor[index] !== device.major || listing.devMinor[index] !== device.minor)
  );
}

function isDirectoryMode(mode: number): boolean {
  return (mode & typeMask) === typeDirectory;
}
