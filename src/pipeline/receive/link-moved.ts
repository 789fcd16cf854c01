// A file of the target that is to be found under another name from now on: instead of a copy it gets that name
// itself, by way of the staging area, with the attributes that are wanted. Its old name is about to be removed.

import { joinPath } from "../../base/index.ts";
import { closeRead, type FileHandle, FsError, isSameInode, Stat } from "../../fs/index.ts";
import { mayGiveGroup, permissionMask } from "../../tree/index.ts";
import { setEntryTimes, timeBits } from "./attribute-times.ts";
import type { Seen } from "./commit.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import { finishStaged, isFlushed, waits } from "./finish.ts";
import { inheritanceOf } from "./inheritance.ts";
import type { StandingName } from "./link-staged.ts";
import { dropPartial } from "./partial-files.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();

/** The file, and what it was when its content was looked at. */
export interface MovedFile extends StandingName {
  readonly looks: Stat;
}

/**
 * Makes the file the entry. "copy" = that cannot be, and nothing was changed: it has another name that stays, has
 * attributes that a new file would not have, or is not what it was. False = a conflict was reported.
 */
export function linkMoved(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  from: MovedFile,
): boolean | "copy" {
  // A backup keeps the file itself.
  if (context.backups !== undefined) return "copy";
  if (!isPlain(context, from) || inheritanceOf(context, place).defaultAcl !== undefined) {
    return "copy";
  }
  const staged = linkToStage(context, place, entry, from);
  if (staged === undefined) return "copy";
  let isDone = false;
  try {
    if (!isTaken(context, staged, from) || !setWanted(context, place, entry, staged)) return "copy";
    flush(context, entry, staged);
    isDone = finishStaged(context, place, entry, staged, seen);
    if (isDone && !waits(context, entry)) dropPartial(context, place, entry.name);
    return isDone;
  } finally {
    if (!isDone) discardStaged(context.fs, staged);
  }
}

/** Says whether a copy would not look otherwise, but for what can be set. */
function isPlain({ fs, options }: ReceiveContext, { dir, name, looks }: MovedFile): boolean {
  const { attributes, fakeSuper } = options;
  if (looks.nlink !== 1 || fakeSuper || attributes.acls || attributes.xattrs) return false;
  if (attributes.crtimes || !attributes.times) return false;
  return !fs.abilities.xattrs || fs.listXattrs(dir, name).every(isOfSystem);
}

/** What a security module of the kernel gives to every file. */
function isOfSystem(attribute: string): boolean {
  return attribute === "security.selinux";
}

function linkToStage(
  { fs, staging }: ReceiveContext,
  place: TargetPlace,
  { name }: SourceEntry,
  from: MovedFile,
): Staged | undefined {
  for (const find of [staging.place, staging.near]) {
    const staged = find(place, name);
    try {
      fs.link(from.dir, from.name, staged.dir, staged.name);
      return staged;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      // Near the file it may be on its own file system; anything else says that it cannot be linked.
      if (error.code !== "EXDEV") return undefined;
    }
  }
  return undefined;
}

/** Says whether what was linked is the file that was looked at, and nobody else has linked it. */
function isTaken({ fs }: ReceiveContext, staged: Staged, { looks }: MovedFile): boolean {
  return (
    fs.stat(staged.dir, staged.name, stat) &&
    isSameInode(stat, looks) &&
    stat.nlink === 2 &&
    stat.size === looks.size &&
    stat.mtime === looks.mtime &&
    stat.mtimeNanos === looks.mtimeNanos
  );
}

/** Sets what differs; `stat` has what there is. False = the file cannot be made what a new one would be. */
function setWanted(
  context: ReceiveContext,
  place: TargetPlace,
  { listing, index, name }: SourceEntry,
  staged: Staged,
): boolean {
  const { fs, options } = context;
  const rules = options.attributes;
  const uid = rules.owner ? (listing.uid[index] as number) : options.euid;
  const gid = mayGiveGroup(rules, listing.gid[index] as number)
    ? (listing.gid[index] as number)
    : inheritanceOf(context, place).gid;
  const mode = (listing.mode[index] as number) & permissionMask;
  try {
    const isGiven = stat.uid !== uid || stat.gid !== gid;
    if (isGiven) fs.setOwner(staged.dir, staged.name, uid, gid);
    if (isGiven || (stat.mode & permissionMask) !== mode) {
      fs.setMode(staged.dir, staged.name, mode);
    }
    const at = { dir: staged.dir, name: staged.name, path: joinPath(place.path, name) };
    const bits = timeBits(rules, listing.mode[index] as number);
    setEntryTimes(context, at, listing, index, bits);
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

function flush(context: ReceiveContext, entry: SourceEntry, { dir, name }: Staged): void {
  if (!isFlushed(context, entry)) return;
  let file: FileHandle | undefined;
  try {
    file = context.fs.openRead(dir, name);
    context.fs.syncFile(file);
  } finally {
    if (file !== undefined) closeRead(context.fs, file);
  }
}
