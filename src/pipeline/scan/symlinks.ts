// What a scan does about symlinks: reads their targets, and follows the ones that the user wants
// replaced by what they point at (-L, -k, --copy-unsafe-links).

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import {
  type Directory,
  isUnsafeSymlink,
  mungePrefix,
  typeDirectory,
  typeMask,
  typeSymlink,
} from "../../tree/index.ts";
import { entryLabel } from "./entry-label.ts";
import { keepOnly } from "./keep-only.ts";
import type { Hides, OpenOrigin, ScanContext } from "./request.ts";

const stat = new Stat();
const absent = 2;

/** Reads the target of every symlink from `first` on into the listing's side table. */
export function readLinkTargets(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): void {
  if (!listing.mayHave(typeSymlink)) return;
  for (let i = first; i < listing.count; i++) {
    if (((listing.mode[i] as number) & typeMask) !== typeSymlink) continue;
    const target = readTarget(context, from, listing.name(i));
    if (target === undefined) listing.complete = false;
    else listing.setLinkTarget(i, context.options.unmunge ? unmunged(target) : target);
  }
}

/** Takes the prefix off that keeps a stored symlink from being followed. */
function unmunged(target: ByteString): ByteString {
  const isMunged = target.length > mungePrefix.length && target.startsWith(mungePrefix);
  return isMunged ? target.slice(mungePrefix.length) : target;
}

function readTarget(
  context: ScanContext,
  from: OpenOrigin,
  name: ByteString,
): ByteString | undefined {
  try {
    return from.fs.readLink(from.dir, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.problem(entryLabel(from.label, name), "readlink", error.errno);
    return undefined;
  }
}

/**
 * Replaces the attributes of symlinks that are to be followed by those of what they lead to; those that lead nowhere
 * are reported and leave the listing.
 */
export function resolveLinks(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): void {
  let lost = false;
  const hides = context.hides?.(from.root);
  for (let i = first; i < listing.count; i++) {
    if (((listing.mode[i] as number) & typeMask) !== typeSymlink) continue;
    if (!resolveLink(context, from, listing, i, hides)) lost = true;
  }
  if (lost) keepOnly(listing, first, false, (i) => !isLost(listing, i));
}

/**
 * Follows entry `index`, a symlink, if the options say so; false when that fails: then isLost says so, too. That is
 * nobody's problem if rules hide it as a file or as a directory.
 */
export function resolveLink(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  index: number,
  hides: Hides | undefined,
): boolean {
  const { options } = context;
  const name = listing.name(index);
  const wanted = options.copyLinks || (options.copyUnsafe && isCopiedUnsafe(context, from, name));
  if (!wanted) {
    if (options.copyDirLinks) followDirectory(from, listing, index);
    return true;
  }
  const errno = statReferent(from, name);
  if (errno === 0) {
    copyStat(listing, index, stat);
    return true;
  }
  listing.mode[index] = 0;
  listing.problem[index] = 0;
  const start = listing.nameStart[index] as number;
  const end = start + (listing.nameLength[index] as number);
  if ([false, true].some((asDirectory) => hides?.(listing.names, start, end, asDirectory))) {
    return false;
  }
  listing.complete = false;
  const label = entryLabel(from.label, name);
  if (errno === absent) context.problem(label, "follow", errno, "symlink has no referent");
  else context.problem(label, "lstat", errno);
  return false;
}

/** Says whether an entry is a symlink that could not be followed. */
export function isLost(listing: Directory, index: number): boolean {
  return listing.mode[index] === 0 && listing.problem[index] === 0;
}

/** Says whether a symlink is copied as what it leads to because it leaves the tree. */
function isCopiedUnsafe(context: ScanContext, from: OpenOrigin, name: ByteString): boolean {
  const target = readTarget(context, from, name);
  const path = joinPath(from.path, name);
  if (target === undefined || !isUnsafeSymlink(target, path)) return false;
  context.note("symsafe", 1, `copying unsafe symlink "${path}" -> "${target}"`);
  return true;
}

/** Reads into `stat` what a symlink leads to; returns the error number, 0 for success. */
function statReferent(from: OpenOrigin, name: ByteString): number {
  try {
    return from.fs.stat(from.dir, name, stat, true) ? 0 : absent;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return error.errno;
  }
}

/** Makes entry `index`, a symlink, the directory that it leads to; false when it leads to none. */
export function followDirectory(from: OpenOrigin, listing: Directory, index: number): boolean {
  if (statReferent(from, listing.name(index)) !== 0) return false;
  if ((stat.mode & typeMask) !== typeDirectory) return false;
  copyStat(listing, index, stat);
  return true;
}

/** Writes the attributes of a stat record onto entry `index`. */
export function copyStat(listing: Directory, index: number, from: Stat): void {
  listing.mode[index] = from.mode;
  listing.size[index] = from.size;
  listing.blocks[index] = from.blocks;
  listing.mtime[index] = from.mtime;
  listing.mtimeNanos[index] = from.mtimeNanos;
  listing.ctime[index] = from.ctime;
  listing.ctimeNanos[index] = from.ctimeNanos;
  listing.atime[index] = from.atime;
  listing.atimeNanos[index] = from.atimeNanos;
  listing.crtime[index] = from.crtime;
  listing.crtimeNanos[index] = from.crtimeNanos;
  listing.uid[index] = from.uid;
  listing.gid[index] = from.gid;
  listing.nlink[index] = from.nlink;
  listing.devMajor[index] = from.devMajor;
  listing.devMinor[index] = from.devMinor;
  listing.inoHigh[index] = from.inoHigh;
  listing.inoLow[index] = from.inoLow;
  listing.rdevMajor[index] = from.rdevMajor;
  listing.rdevMinor[index] = from.rdevMinor;
}
