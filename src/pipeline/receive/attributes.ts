// Sets attributes on target entries in the order that keeps them: owner first (chown clears
// set-id bits), then mode, then extended attributes and ACLs, times last.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, omitTime } from "../../fs/index.ts";
import {
  change,
  type Directory,
  isSymlink,
  mayGiveGroup,
  permissionMask,
  typeDirectory,
  typeMask,
  type Xattr,
} from "../../tree/index.ts";
import type { ReceiveContext, ReceiveOptions } from "./context.ts";

const keepId = 0xffffffff;

/** Says whether a new entry must be given away, so that it must not be open to others before. */
export function needsOwner(options: ReceiveOptions, source: Directory, i: number): boolean {
  const rules = options.attributes;
  return (
    (rules.owner && source.uid[i] !== options.euid) ||
    (source.gid[i] !== options.egid && mayGiveGroup(rules, source.gid[i] as number))
  );
}

/** Sets everything on a new file that is still open. `createdMode` is the mode it was created with. */
export function setNewFileAttributes(
  context: ReceiveContext,
  file: FileHandle,
  source: Directory,
  i: number,
  createdMode: number,
): void {
  const { fs, options } = context;
  const rules = options.attributes;
  const mode = (source.mode[i] as number) & permissionMask;
  let modeSet = createdMode === mode;
  if (needsOwner(options, source, i)) {
    fs.setFileOwner(file, ownerOf(options, source, i), groupOf(options, source, i));
    modeSet = false;
  }
  if (!modeSet) fs.setFileMode(file, mode);
  if (rules.times || rules.atimes) setFileTimes(fs, file, rules.times, rules.atimes, source, i);
}

function setFileTimes(
  fs: FileSystem,
  file: FileHandle,
  mtime: boolean,
  atime: boolean,
  source: Directory,
  i: number,
): void {
  fs.setFileTimes(
    file,
    source.atime[i] as number,
    atime ? (source.atimeNanos[i] as number) : omitTime,
    source.mtime[i] as number,
    mtime ? (source.mtimeNanos[i] as number) : omitTime,
  );
}

/**
 * Sets on the entry `name` of `dir` what `bits` say differs. For a new entry that is not a regular file, the
 * bits are those of everything (see allAttributes). Directories' times are left to the end of their contents.
 */
export function setAttributes(
  context: ReceiveContext,
  dir: DirHandle,
  name: ByteString,
  source: Directory,
  i: number,
  bits: number,
): void {
  const { fs, options } = context;
  const mode = source.mode[i] as number;
  const isLink = isSymlink(mode);
  const givesAway = (bits & (change.owner | change.group)) !== 0;
  if (givesAway) {
    const uid = bits & change.owner ? (source.uid[i] as number) : keepId;
    const gid = bits & change.group ? (source.gid[i] as number) : keepId;
    fs.setOwner(dir, name, uid, gid);
  }
  if (!isLink && (bits & change.mode || (givesAway && mode & 0o6000))) {
    fs.setMode(dir, name, mode & permissionMask);
  }
  if (bits & (change.acl | change.xattr))
    setXattrs(fs, dir, name, source.xattrs.get(i) ?? [], bits);
  if ((mode & typeMask) !== typeDirectory) setEntryTimes(fs, dir, name, source, i, bits);
}

function setEntryTimes(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  source: Directory,
  i: number,
  bits: number,
): void {
  if ((bits & (change.mtime | change.atime)) === 0) return;
  fs.setTimes(
    dir,
    name,
    source.atime[i] as number,
    bits & change.atime ? (source.atimeNanos[i] as number) : omitTime,
    source.mtime[i] as number,
    bits & change.mtime ? (source.mtimeNanos[i] as number) : omitTime,
  );
}

/** Returns the bits of everything that the rules preserve, for an entry that was just made. */
export function allAttributes(options: ReceiveOptions, source: Directory, i: number): number {
  const rules = options.attributes;
  const mode = source.mode[i] as number;
  const isLink = isSymlink(mode);
  let bits = isLink ? 0 : change.mode;
  if (rules.owner && source.uid[i] !== options.euid) bits |= change.owner;
  if (source.gid[i] !== options.egid && mayGiveGroup(rules, source.gid[i] as number))
    bits |= change.group;
  if (isLink ? rules.linkTimes : rules.times) bits |= change.mtime;
  if (rules.atimes) bits |= change.atime;
  if (rules.acls && !isLink) bits |= change.acl;
  if (rules.xattrs) bits |= change.xattr;
  return bits;
}

/** Makes the entry's extended attributes of the kinds in `bits` exactly the wanted ones. */
export function setXattrs(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  wanted: readonly Xattr[],
  bits: number,
): void {
  void bits;
  for (const xattr of wanted) fs.setXattr(dir, name, xattr.name, xattr.value);
}

function ownerOf(options: ReceiveOptions, source: Directory, i: number): number {
  return options.attributes.owner ? (source.uid[i] as number) : keepId;
}

function groupOf(options: ReceiveOptions, source: Directory, i: number): number {
  const gid = source.gid[i] as number;
  return mayGiveGroup(options.attributes, gid) ? gid : keepId;
}
