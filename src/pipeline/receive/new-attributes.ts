// Sets attributes on entries that were just made, and says with which permissions to make them: as
// attributes.ts, but nobody else has seen the entry yet, and its directory may have given it a group
// and access control lists.

import { joinPath } from "../../base/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import {
  type Acl,
  type Directory,
  inheritedAcl,
  isAclName,
  isDirectory,
  isModeAcl,
  isSymlink,
  mayGiveGroup,
  modeAcl,
} from "../../tree/index.ts";
import { setEntryTimes, setFileTimes, timeBits } from "./attribute-times.ts";
import { finalMode, reportAttribute } from "./attributes.ts";
import type { AttributePlace, ReceiveContext, ReceiveOptions, SourceEntry } from "./context.ts";
import { inheritanceOf, stageInheritance } from "./inheritance.ts";
import { groupOfNew, keepId, ownerOfNew } from "./new-owner.ts";
import type { Staged } from "./staging.ts";
import type { Inheritance, TargetPlace } from "./target-place.ts";
import { applyAcls, applyXattrs, setAccessAcl, xattrsIn } from "./xattrs.ts";

/** A new entry: where it was made, and how. */
export interface NewEntry {
  readonly staged: Pick<Staged, "dir" | "name">;
  /** A regular file that is still open; -1 = everything else. */
  readonly file: FileHandle;
  /** Permissions it was made with, before what the directory's default list did to them. */
  readonly createdMode: number;
}

/**
 * Returns the permissions to make a new file or directory with: the wanted ones where nothing else will change, else
 * such that only its owner may use it until it is finished.
 */
export function createdModeOf(options: ReceiveOptions, source: Directory, i: number): number {
  const rules = options.attributes;
  const wanted = source.mode[i] as number;
  const mode = finalMode(options, wanted);
  const isDir = isDirectory(wanted);
  const changesLater =
    (mode & 0o7000) !== 0 ||
    (rules.owner && source.uid[i] !== options.euid) ||
    (source.gid[i] !== options.egid && mayGiveGroup(rules, source.gid[i] as number)) ||
    ((rules.acls || !options.superUser) && source.xattrs.has(i));
  return changesLater ? (isDir ? 0o700 : 0o600) : mode;
}

/** Sets everything on an entry that was just made. Times of directories are left to the end of their contents. */
export function setNewAttributes(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  made: NewEntry,
): void {
  const { fs, options } = context;
  const { listing: source, index: i } = entry;
  const { staged, file } = made;
  const rules = options.attributes;
  const wanted = source.mode[i] as number;
  const mode = finalMode(options, wanted);
  const gives = inheritanceOf(context, place);
  const got = staged.dir === place.dir ? gives : stageInheritance(context, staged.dir);
  let modeIsSet = made.createdMode === mode && got.defaultAcl === undefined;
  const uid = ownerOfNew(options, source.uid[i] as number);
  const gid = groupOfNew(options, source.gid[i] as number, gives, got);
  if (uid !== keepId || gid !== keepId) {
    if (!giveAway(context, place, entry, made, uid, gid)) return;
    modeIsSet = false;
  }
  if (rules.xattrs && source.xattrs.has(i)) {
    const wish = { xattrs: xattrsIn(source, i), mode: wanted };
    if (applyXattrs(context, placeOf(place, entry, staged), wish, true)) modeIsSet = false;
  }
  try {
    if (file >= 0) setFileTimes(context, file, source, i);
    else if (!isDirectory(wanted)) {
      setEntryTimes(context, placeOf(place, entry, staged), source, i, timeBits(rules, wanted));
    }
    if (isSymlink(wanted)) return;
    if (setNewAcls(context, place, entry, made, gives, got)) modeIsSet = false;
    if (modeIsSet) return;
    if (file >= 0) fs.setFileMode(file, mode);
    else fs.setMode(staged.dir, staged.name, mode);
  } catch (error) {
    reportAttribute(context, joinPath(place.path, entry.name), error);
  }
}

function giveAway(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  { staged, file }: NewEntry,
  uid: number,
  gid: number,
): boolean {
  const { fs, options } = context;
  try {
    if (file >= 0) fs.setFileOwner(file, uid, gid);
    else fs.setOwner(staged.dir, staged.name, uid, gid);
    return true;
  } catch (error) {
    // A group that only the directory would have given may be one that we are not in.
    const sourceGid = entry.listing.gid[entry.index] as number;
    const asked = uid !== keepId || mayGiveGroup(options.attributes, sourceGid);
    if (!asked && error instanceof FsError && error.code === "EPERM") return true;
    reportAttribute(
      context,
      joinPath(place.path, entry.name),
      error,
      uid === keepId ? "chgrp" : undefined,
    );
    return false;
  }
}

/** Sets the lists that a new entry shall have, where it has not got them by itself. True = the mode must follow. */
function setNewAcls(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  { staged }: NewEntry,
  gives: Inheritance,
  got: Inheritance,
): boolean {
  const { options } = context;
  const { listing: source, index: i } = entry;
  const mode = source.mode[i] as number;
  const at = (): AttributePlace => placeOf(place, entry, staged);
  if (options.attributes.acls) {
    const xattrs = xattrsIn(source, i);
    const isPlain = !xattrs.some(({ name }) => isAclName(name));
    if (isPlain && got.defaultAcl === undefined) return false;
    applyAcls(context, at(), { xattrs, mode });
    return true;
  }
  if (gives === got || !options.staysLocal) return false;
  const acl = inherited(gives.defaultAcl, mode);
  if (isModeAcl(acl) && got.defaultAcl === undefined) return false;
  setAccessAcl(context, at(), acl, mode);
  return true;
}

function inherited(defaults: Acl | undefined, mode: number): Acl {
  return defaults === undefined ? modeAcl(mode) : inheritedAcl(defaults, mode);
}

function placeOf(
  place: TargetPlace,
  entry: SourceEntry,
  { dir, name }: NewEntry["staged"],
): AttributePlace {
  return { dir, name, path: joinPath(place.path, entry.name) };
}
