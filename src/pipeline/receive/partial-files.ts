// Files that an interrupted run left unfinished (--partial, --partial-dir), and finished ones that
// wait in the same place for the end of the run (--delay-updates).
//
// An unfinished file is continued where it lies: it is its own basis, and what was done stays done
// should this run be interrupted, too.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { change, isDirectory, isRegular } from "../../tree/index.ts";
import { everyAttribute, setAttributes } from "./attributes.ts";
import type { PartialPlace, ReceiveContext, SourceEntry } from "./context.ts";
import { discardStaged, type Staged, unfinishedName } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();
/** The run's own place. */
const ownPartials: PartialPlace = { kind: "apart", path: "" };

/** An unfinished file that was found. */
export interface Partial {
  readonly staged: Staged;
  readonly size: number;
}

/** Looks for the unfinished file of an entry. The caller gives the result to releasePartial(). */
export function findPartial(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
): Partial | undefined {
  const { partials } = context.options.content;
  if (partials === undefined) return undefined;
  const dir = openPartialDirectory(context, place, partials, false);
  if (dir === undefined) return undefined;
  const partialName = nameOf(partials, place, name);
  if (context.fs.stat(dir, partialName, stat) && isRegular(stat.mode)) {
    return { staged: { dir, name: partialName, mount: "" }, size: stat.size };
  }
  closePartialDirectory(context, partials, dir);
  return undefined;
}

/** Opens the unfinished file of an entry to read it; undefined = there is none. The caller closes it. Throws FsError. */
export function openPartial(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
): FileHandle | undefined {
  const partial = findPartial(context, place, name);
  if (partial === undefined) return undefined;
  try {
    return context.fs.openRead(partial.staged.dir, partial.staged.name);
  } finally {
    releasePartial(context, place, partial, false);
  }
}

/** Closes what findPartial() opened; removes the directory when `used` and it is empty by now. */
export function releasePartial(
  context: ReceiveContext,
  place: TargetPlace,
  partial: Partial,
  used: boolean,
): void {
  const { partials } = context.options.content;
  if (partials === undefined) return;
  closePartialDirectory(context, partials, partial.staged.dir);
  if (used) dropPartialDirectory(context, place);
}

/** Opens an unfinished file for writing, widening its mode for that moment when it is read-only. */
export function openForUpdate(
  context: ReceiveContext,
  dir: DirHandle,
  name: ByteString,
  devices = false,
): FileHandle {
  const { fs } = context;
  try {
    return fs.openWrite(dir, name, devices);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EACCES") throw error;
    if (!fs.stat(dir, name, stat) || !isRegular(stat.mode)) throw error;
    const mode = stat.mode & 0o7777;
    fs.setMode(dir, name, mode | 0o200);
    let file: FileHandle;
    try {
      file = fs.openWrite(dir, name, devices);
    } catch (again) {
      fs.setMode(dir, name, mode);
      throw again;
    }
    try {
      fs.setMode(dir, name, mode);
      return file;
    } catch (unset) {
      fs.closeFile(file);
      throw unset;
    }
  }
}

/**
 * Keeps the data of a staged file that was not finished; false = there is nothing to keep, or no place. `isBroken`: for a
 * reason that another run may not meet, so that it is kept even if nobody asked.
 */
export function keepPartial(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  staged: Staged,
  isBroken = false,
): boolean {
  const { fs, options } = context;
  const { keepPartial: keep, keepsFrom } = options.content;
  if (!(keep || (isBroken && keepsFrom < Number.POSITIVE_INFINITY))) return false;
  if (!fs.stat(staged.dir, staged.name, stat) || !isRegular(stat.mode)) return false;
  if (stat.size < (keep ? 1 : keepsFrom) || (!keep && staged.mount !== "")) return false;
  const partials = keep ? options.content.partials : ownPartials;
  const { listing, index } = entry;
  const owned = change.mode | change.owner | change.group;
  const bits = everyAttribute(options, listing, index) & owned;
  const at = { dir: staged.dir, name: staged.name, path: joinPath(place.path, entry.name) };
  try {
    setAttributes(context, at, listing, index, bits);
    if (partials === undefined) {
      // Old enough for --update to see that the source is newer, and to stand out in a listing.
      if (options.attributes.times) fs.setTimes(staged.dir, staged.name, 0, 0, 0, 0);
      fs.rename(staged.dir, staged.name, place.dir, entry.name);
    } else movePartial(context, place, entry.name, staged, partials);
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (keep) context.problem(joinPath(place.path, entry.name), error.operation, error.errno);
    return false;
  }
}

/** Moves a staged file to where unfinished and delayed files wait. Throws FsError. */
export function moveToPartials(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): void {
  const { partials } = context.options.content;
  if (partials !== undefined) movePartial(context, place, name, staged, partials);
}

function movePartial(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  partials: PartialPlace,
): void {
  const dir = openPartialDirectory(context, place, partials, true);
  if (dir === undefined) throw new FsError(2, "mkdirat", joinPath(place.path, partials.path));
  try {
    context.fs.rename(staged.dir, staged.name, dir, nameOf(partials, place, name));
  } finally {
    closePartialDirectory(context, partials, dir);
  }
}

/** Removes the unfinished file of an entry that turned out to be up to date. */
export function dropPartial(context: ReceiveContext, place: TargetPlace, name: ByteString): void {
  const partial = findPartial(context, place, name);
  if (partial === undefined) return;
  discardStaged(context.fs, partial.staged);
  releasePartial(context, place, partial, true);
}

/** Says where the unfinished or delayed file of an entry lies. Undefined = its directory is not there. */
export function locatePartial(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
): Staged | undefined {
  const { partials } = context.options.content;
  if (partials === undefined) return undefined;
  const dir = openPartialDirectory(context, place, partials, false);
  return dir === undefined ? undefined : { dir, name: nameOf(partials, place, name), mount: "" };
}

/** An absolute directory stays; one beside the files goes when it is empty. */
function dropPartialDirectory(context: ReceiveContext, place: TargetPlace): void {
  const { partials } = context.options.content;
  if (partials?.kind !== "beside") return;
  const parent = parentOf(context, place, partials.path);
  if (parent === undefined) return;
  try {
    context.fs.removeDirectory(parent.dir, parent.name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  } finally {
    if (parent.dir !== place.dir) context.fs.closeDirectory(parent.dir);
  }
}

function openPartialDirectory(
  context: ReceiveContext,
  place: TargetPlace,
  partials: PartialPlace,
  make: boolean,
): DirHandle | undefined {
  if (partials.kind === "apart") return context.openPartials(make);
  if (make) makePartialDirectory(context, place, partials.path);
  try {
    return context.fs.openDirectory(place.dir, partials.path, "beneath");
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** As rsync does: only the last component is made, and what is no directory makes way for one. */
function makePartialDirectory(context: ReceiveContext, place: TargetPlace, path: ByteString): void {
  const { fs } = context;
  const parent = parentOf(context, place, path);
  if (parent === undefined) return;
  try {
    const exists = fs.stat(parent.dir, parent.name, stat);
    if (exists && isDirectory(stat.mode)) return;
    if (exists) fs.unlink(parent.dir, parent.name);
    fs.makeDirectory(parent.dir, parent.name, 0o700);
  } catch (error) {
    // Another lane may have made it in the same moment.
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
  } finally {
    if (parent.dir !== place.dir) fs.closeDirectory(parent.dir);
  }
}

function parentOf(
  context: ReceiveContext,
  place: TargetPlace,
  path: ByteString,
): { dir: DirHandle; name: ByteString } | undefined {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return { dir: place.dir, name: path };
  try {
    const dir = context.fs.openDirectory(place.dir, path.slice(0, slash), "beneath");
    return { dir, name: path.slice(slash + 1) };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

function closePartialDirectory(
  context: ReceiveContext,
  partials: PartialPlace,
  dir: DirHandle,
): void {
  if (partials.kind === "beside") context.fs.closeDirectory(dir);
}

/** In a directory that serves the whole target a path becomes one name, of any length and without slashes. */
function nameOf(partials: PartialPlace, place: TargetPlace, name: ByteString): ByteString {
  return partials.path === "" ? unfinishedName(place, name) : name;
}
