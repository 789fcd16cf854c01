// Sets attributes on target entries in the order that keeps them: the owner first, as that clears
// set-id bits; then extended attributes, times, access control lists, and last the mode, which the
// lists change. A failure is reported; it never costs a file its content. What cannot be given to
// its owner gets nothing more, as in rsync: it must not be open to the wrong people. Entries that were
// just made are in new-attributes.ts.

import { FsError } from "../../fs/index.ts";
import {
  type AttributeRules,
  change,
  type Directory,
  isDirectory,
  isSymlink,
  mayGiveGroup,
  permissionMask,
} from "../../tree/index.ts";
import { setEntryTimes, timeBits } from "./attribute-times.ts";
import type { AttributePlace, ReceiveContext, ReceiveOptions } from "./context.ts";
import { keepId } from "./new-owner.ts";
import { applyAcls, applyXattrs, xattrsIn } from "./xattrs.ts";

const setIdBits = 0o6000;

/** The mode that can be set now: a directory stays open to its owner until its contents are there. */
export function finalMode({ superUser }: ReceiveOptions, mode: number): number {
  const bits = mode & permissionMask;
  return superUser || !isDirectory(mode) ? bits : bits | 0o700;
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
      reportAttribute(context, at.path, error, uid === keepId ? "chgrp" : undefined);
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
    reportAttribute(context, at.path, error);
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

/** Tells that an attribute of `path` could not be set. Throws anything but an FsError. */
export function reportAttribute(
  context: ReceiveContext,
  path: string,
  error: unknown,
  operation?: string,
): void {
  if (!(error instanceof FsError)) throw error;
  context.problem(path, operation ?? error.operation, error.errno);
}
