// Entries that stand in a transfer directory because something named them: source arguments,
// implied parents of --relative, lines of --files-from.

import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import {
  compareEntries,
  type Directory,
  typeDirectory,
  typeMask,
  typeSymlink,
} from "../../tree/index.ts";
import {
  followMode,
  type NamedEntry,
  type ScanContext,
  type ScanRequest,
  type SourceRoot,
} from "./request.ts";
import { copyStat, readLinkTarget, resolveLink } from "./symlinks.ts";
import { readXattrsOf } from "./xattrs.ts";

const stat = new Stat();

/** Appends every named entry that exists; a missing one is a problem of its own kind. */
export function addNamed(context: ScanContext, request: ScanRequest, listing: Directory): void {
  for (let index = 0; index < request.named.length; index++) {
    const named = request.named[index] as NamedEntry;
    const root = context.roots[named.root] as SourceRoot;
    try {
      addOne(context, request, index, listing);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code === "ENOENT" && context.absent?.(named.name)) continue;
      const path = root.label + (named.parent === "" ? "" : `${named.parent}/`) + named.sourceName;
      listing.complete = false;
      context.problem(path, "link_stat", error.errno);
    }
  }
}

function addOne(
  context: ScanContext,
  request: ScanRequest,
  index: number,
  listing: Directory,
): void {
  const named = request.named[index] as NamedEntry;
  const { fs, dir: rootDir, label } = context.roots[named.root] as SourceRoot;
  const parent = openParent(fs, rootDir, named, context);
  try {
    if (named.sourceName === "") fs.statDirectory(parent, stat);
    else if (!fs.stat(parent, named.sourceName, stat, named.follow)) {
      throw new FsError(2, "stat", named.sourceName);
    }
    if (hidden(context, request, index, listing)) return;
    const entry = listing.add(named.name, stat.mode);
    copyStat(listing, entry, stat);
    listing.origin[entry] = request.origins.length + index;
    const from = {
      fs,
      dir: parent,
      path: request.path,
      label: label + named.parent,
      device: undefined,
      root: named.root,
    };
    if ((stat.mode & typeMask) === typeSymlink) {
      resolveLink(context, from, listing, entry, named.sourceName);
      if (listing.problem[entry] !== 0) listing.count--;
    }
    if (listing.count === entry) return;
    const isLink = ((listing.mode[entry] as number) & typeMask) === typeSymlink;
    if (context.options.linkTargets && isLink)
      readLinkTarget(context, from, listing, entry, named.sourceName);
    if (context.options.xattrs !== undefined)
      readXattrsOf(context, from, listing, entry, named.sourceName);
  } finally {
    fs.closeDirectory(parent);
  }
}

function openParent(
  fs: FileSystem,
  root: DirHandle,
  named: NamedEntry,
  context: ScanContext,
): DirHandle {
  // The operator wrote this path, or the links on it were implied by --relative: the kernel may
  // follow them as it would for `ls`.
  const follow = named.parent === "" ? followMode(context.options) : "anywhere";
  return fs.openDirectory(root, named.parent, follow);
}

function hidden(
  context: ScanContext,
  request: ScanRequest,
  index: number,
  listing: Directory,
): boolean {
  const named = request.named[index] as NamedEntry;
  const hides = context.hides?.(named.root);
  if (hides === undefined || named.implied || named.name === ".") return false;
  const entry = listing.add(named.name, stat.mode);
  const start = listing.nameStart[entry] as number;
  const isDirectory = (stat.mode & typeMask) === typeDirectory;
  const answer = hides(listing.names, start, start + named.name.length, isDirectory);
  listing.count--;
  listing.namesUsed = start;
  return answer;
}

/**
 * Keeps one entry of each name in a listing fed from several places. Where types differ a directory
 * wins; among equals the one that is not merely implied, then the first place.
 */
export function dropDuplicates(
  listing: Directory,
  rank: (origin: number) => number = (origin) => origin,
): void {
  const kept = new Uint32Array(listing.count);
  let count = 0;
  const directories = new Set<string>();
  for (let i = listing.count - 1; i >= 0; i--) {
    if (((listing.mode[i] as number) & typeMask) !== typeDirectory) break;
    directories.add(listing.name(i));
  }
  for (let i = 0; i < listing.count; i++) {
    const last = count - 1;
    if (count > 0 && compareEntries(listing, kept[last] as number, listing, i) === 0) {
      const better =
        rank(listing.origin[i] as number) < rank(listing.origin[kept[last] as number] as number);
      if (better) kept[last] = i;
      continue;
    }
    const isDirectory = ((listing.mode[i] as number) & typeMask) === typeDirectory;
    if (!isDirectory && directories.size > 0 && directories.has(listing.name(i))) continue;
    kept[count++] = i;
  }
  if (count < listing.count) listing.select(kept.subarray(0, count));
}
