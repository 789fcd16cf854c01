// Sets attributes on target entries in the order that keeps them: the owner first, as that clears
// set-id bits; then extended attributes, times, access control lists, and last the mode, which the
// lists change. A failure is reported; it never costs a file its content. What cannot be given to
// its owner gets nothing more, as in rsync: it must not be open to the wrong people.

import { joinPath } from "../../base/index.ts";
import { type FileHandle, FsError, omitTime } from "../../fs/index.ts";
import {
  type Acl,
  type AttributeRules,
  atimeNanos,
  change,
  type Directory,
  inheritedAcl,
  isAclName,
  isDirectory,
  isModeAcl,
  isSymlink,
  mayGiveGroup,
  modeAcl,
  permissionMask,
} from "../../tree/index.ts";
import type { AttributePlace, ReceiveContext, ReceiveOptions, SourceEntry } from "./context.ts";
import { inheritanceOf, stageInheritance } from "./inheritance.ts";
import { groupOfNew, keepId, ownerOfNew } from "./new-owner.ts";
import type { Staged } from "./staging.ts";
import type { Inheritance, TargetPlace } from "./target-place.ts";
import { applyAcls, applyXattrs, setAccessAcl, xattrsIn } from "./xattrs.ts";

const setIdBits = 0o6000;

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

/** The mode that can be set now: a directory stays open to its owner until its contents are there. */
function finalMode({ superUser }: ReceiveOptions, mode: number): number {
  const bits = mode & permissionMask;
  return superUser || !isDirectory(mode) ? bits : bits | 0o700;
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
    report(context, joinPath(place.path, entry.name), error);
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
    report(context, joinPath(place.path, entry.name), error, uid === keepId ? "chgrp" : undefined);
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

/**
 * Sets on an entry what `bits` say differs. Times of directories are left to the end of their contents. Never throws
 * FsError.
 */
export function setAttributes(
  context: ReceiveContext,
  at: AttributePlace,
  source: Directory,
  i: number,
  bits: number,
): void {
  const { fs, options } = context;
  const mode = source.mode[i] as number;
  const isLink = isSymlink(mode);
  let setsMode = (bits & change.mode) !== 0;
  if (bits & (change.owner | change.group | change.quietOwner)) {
    const { uid, gid } = idsToSet(options.attributes, source, i, bits);
    try {
      if (at.name === "") fs.setDirectoryOwner(at.dir, uid, gid);
      else fs.setOwner(at.dir, at.name, uid, gid);
    } catch (error) {
      report(context, at.path, error, uid === keepId ? "chgrp" : undefined);
      return;
    }
    if (mode & setIdBits) setsMode = true;
  }
  const wish = { xattrs: xattrsIn(source, i), mode };
  if (bits & change.xattr && applyXattrs(context, at, wish, false)) setsMode = true;
  try {
    if (!isDirectory(mode)) setEntryTimes(context, at, source, i, bits);
    if (bits & change.acl && !isLink) {
      applyAcls(context, at, wish);
      setsMode = true;
    }
    if (setsMode && !isLink) setModeAt(context, at, finalMode(options, mode));
  } catch (error) {
    report(context, at.path, error);
  }
}

function idsToSet(
  rules: AttributeRules,
  source: Directory,
  i: number,
  bits: number,
): { uid: number; gid: number } {
  const [uid, gid] = [source.uid[i] as number, source.gid[i] as number];
  const quietly = (bits & change.quietOwner) !== 0;
  const setsUser = (bits & change.owner) !== 0 || (quietly && rules.owner);
  const setsGroup = (bits & change.group) !== 0 || (quietly && mayGiveGroup(rules, gid));
  return { uid: setsUser ? uid : keepId, gid: setsGroup ? gid : keepId };
}

/** Sets permission bits. Throws FsError. */
export function setModeAt({ fs }: ReceiveContext, at: AttributePlace, mode: number): void {
  if (at.name === "") fs.setDirectoryMode(at.dir, mode);
  else fs.setMode(at.dir, at.name, mode);
}

/** Returns the bits of everything that is kept, for an entry whose state nobody knows. */
export function everyAttribute(options: ReceiveOptions, source: Directory, i: number): number {
  const rules = options.attributes;
  const mode = source.mode[i] as number;
  let bits = timeBits(rules, mode);
  if (rules.owner) bits |= change.owner;
  if (mayGiveGroup(rules, source.gid[i] as number)) bits |= change.group;
  if (rules.xattrs) bits |= change.xattr;
  if (isSymlink(mode)) return bits;
  return bits | change.mode | (rules.acls ? change.acl : 0);
}

/** Returns the bits of what has to be set on a file whose content was written where it lies. */
export function writtenAttributes(
  options: ReceiveOptions,
  source: Directory,
  i: number,
  differing: number,
): number {
  return differing | change.mode | timeBits(options.attributes, source.mode[i] as number);
}

function timeBits(rules: AttributeRules, mode: number): number {
  const isLink = isSymlink(mode);
  let bits = 0;
  if (isLink ? rules.linkTimes : rules.times) bits |= change.mtime;
  if (isLink ? rules.linkAtimes : rules.atimes) bits |= change.atime;
  return bits;
}

function setFileTimes(
  { fs, options }: ReceiveContext,
  file: FileHandle,
  source: Directory,
  i: number,
): void {
  const { attributes: rules } = options;
  if (!rules.times && !rules.atimes) return;
  fs.setFileTimes(
    file,
    source.atime[i] as number,
    rules.atimes ? atimeNanos(rules, source, i) : omitTime,
    source.mtime[i] as number,
    rules.times ? (source.mtimeNanos[i] as number) : omitTime,
  );
}

function setEntryTimes(
  { fs, options }: ReceiveContext,
  at: AttributePlace,
  source: Directory,
  i: number,
  bits: number,
): void {
  const rules = options.attributes;
  const given = bits & change.quietTimes ? bits | timeBits(rules, source.mode[i] as number) : bits;
  if ((given & (change.mtime | change.atime)) === 0) return;
  fs.setTimes(
    at.dir,
    at.name,
    source.atime[i] as number,
    given & change.atime ? atimeNanos(rules, source, i) : omitTime,
    source.mtime[i] as number,
    given & change.mtime ? (source.mtimeNanos[i] as number) : omitTime,
  );
}

function placeOf(
  place: TargetPlace,
  entry: SourceEntry,
  { dir, name }: NewEntry["staged"],
): AttributePlace {
  return { dir, name, path: joinPath(place.path, entry.name) };
}

function report(context: ReceiveContext, path: string, error: unknown, operation?: string): void {
  if (!(error instanceof FsError)) throw error;
  context.problem(path, operation ?? error.operation, error.errno);
}
