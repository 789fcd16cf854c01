// Entries that stand in a transfer directory because something named them: source arguments,
// implied parents of --relative, lines of --files-from. A million names are read like the names of
// a directory: into columns, attributes in one go.

import { type ByteString, fromBytes, joinPath } from "../../base/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import {
  compareEntries,
  type Directory,
  typeDirectory,
  typeMask,
  typeSymlink,
} from "../../tree/index.ts";
import { entryLabel } from "./entry-label.ts";
import { keepOnly } from "./keep-only.ts";
import type {
  Hides,
  NamedGroup,
  OpenOrigin,
  ScanContext,
  ScanRequest,
  SourceRoot,
} from "./request.ts";
import { followDirectory, isLost, readLinkTargets, resolveLink } from "./symlinks.ts";
import { readXattrs } from "./xattrs.ts";

const missing = 2;

/** Appends the named entries that exist and are not hidden; a missing one is a problem of its own kind. */
export function addNamed(context: ScanContext, request: ScanRequest, listing: Directory): void {
  for (let index = 0; index < request.named.length; index++)
    addGroup(context, request, index, listing);
}

function addGroup(
  context: ScanContext,
  request: ScanRequest,
  index: number,
  listing: Directory,
): void {
  const group = request.named[index] as NamedGroup;
  const root = context.roots[group.root] as SourceRoot;
  const first = listing.count;
  appendNames(group, request.origins.length + index, listing);
  const label = labelOf(root.label, group.parent);
  let dir: DirHandle;
  try {
    dir = root.fs.openDirectory(root.dir, group.parent, "anywhere");
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    for (let i = first; i < listing.count; i++) {
      listing.mode[i] = 0;
      listing.problem[i] = error.errno;
    }
    keepFound(context, label, group, listing, first);
    return;
  }
  try {
    const from = { fs: root.fs, dir, path: request.path, label, root: group.root };
    readGroup(context, from, group, listing, first);
  } finally {
    root.fs.closeDirectory(dir);
  }
}

function labelOf(root: ByteString, parent: ByteString): ByteString {
  return parent === "" ? root : `${root}${parent}/`;
}

/** Appends the names as the source has them. */
function appendNames(group: NamedGroup, origin: number, listing: Directory): void {
  const { sourceName } = group;
  if (sourceName !== undefined) {
    listing.origin[listing.add(sourceName, 0)] = origin;
    return;
  }
  const { names } = group;
  listing.reserveNames(names.length);
  const shift = listing.namesUsed;
  listing.names.set(names, shift);
  listing.namesUsed += names.length;
  for (let start = 0; start < names.length; ) {
    const end = names.indexOf(0, start);
    const i = listing.count++;
    listing.reserve(i + 1);
    listing.nameStart[i] = shift + start;
    listing.nameLength[i] = end - start;
    listing.mode[i] = 0;
    listing.problem[i] = 0;
    listing.verdict[i] = 0;
    listing.origin[i] = origin;
    start = end + 1;
  }
}

function readGroup(
  context: ScanContext,
  from: OpenOrigin,
  group: NamedGroup,
  listing: Directory,
  first: number,
): void {
  const { fs, dir } = from;
  const { options } = context;
  const follows = group.follow === "always" || options.copyLinks;
  fs.statEntries(dir, listing, first, listing.count, follows);
  keepFound(context, from.label, group, listing, first);
  const hides = group.implied ? undefined : context.hides?.(from.root);
  for (let i = first; i < listing.count; i++) {
    if (((listing.mode[i] as number) & typeMask) !== typeSymlink) continue;
    if (group.follow !== "directory" || !followDirectory(from, listing, i))
      resolveLink(context, from, listing, i, hides);
  }
  dropUnwanted(context, from, group, hides, listing, first);
  if (options.linkTargets) readLinkTargets(context, from, listing, first);
  if (options.xattrs !== undefined) readXattrs(context, from, listing, first);
  if (group.sourceName !== undefined && listing.count > first) rename(listing, first, group);
}

/** Leaves out what is not there, and tells so. */
function keepFound(
  context: ScanContext,
  label: ByteString,
  group: NamedGroup,
  listing: Directory,
  first: number,
): void {
  let lost = false;
  for (let i = first; i < listing.count; i++) {
    const errno = listing.problem[i] as number;
    if (errno === 0) continue;
    if (group.implied && errno === missing && context.absent !== undefined) {
      makePhantom(listing, i);
      continue;
    }
    lost = true;
    const name = listing.name(i);
    const target = group.sourceName === undefined ? name : fromBytes(group.names).slice(0, -1);
    if (!group.implied && errno === missing && context.absent?.(target)) continue;
    // Deletions go on: what is missing cannot be mistaken for something that is there.
    if (errno !== missing) listing.complete = false;
    context.problem(entryLabel(label, name), group.implied ? "lstat" : "link_stat", errno);
  }
  if (lost) keepOnly(listing, first, false, (i) => listing.problem[i] === 0);
}

/** Verdict flag of an implied parent that is not there: what is missing in it may stand on the target. */
export const phantom = 0x40;

function makePhantom(listing: Directory, i: number): void {
  listing.problem[i] = 0;
  listing.mode[i] = typeDirectory;
  listing.verdict[i] = phantom;
  listing.size[i] = 0;
}

function dropUnwanted(
  context: ScanContext,
  from: OpenOrigin,
  group: NamedGroup,
  hides: Hides | undefined,
  listing: Directory,
  first: number,
): void {
  const skips = !context.options.directories && !group.implied;
  keepOnly(listing, first, false, (i) => {
    if (isLost(listing, i)) return false;
    const isDirectory = ((listing.mode[i] as number) & typeMask) === typeDirectory;
    const start = listing.nameStart[i] as number;
    if (hides?.(listing.names, start, start + (listing.nameLength[i] as number), isDirectory))
      return false;
    if (!isDirectory || !skips) return true;
    const name = joinPath(from.path, listing.name(i));
    context.note("nonreg", 0, `skipping directory ${name}`);
    return false;
  });
}

/** Gives the one entry of a group its name on the target. */
function rename(listing: Directory, i: number, { names }: NamedGroup): void {
  const length = names.length - 1;
  listing.reserveNames(names.length);
  listing.names.set(names, listing.namesUsed);
  listing.nameStart[i] = listing.namesUsed;
  listing.nameLength[i] = length;
  listing.namesUsed += names.length;
}

/**
 * Keeps one entry of each name in a sorted listing that was fed from several places. Where types differ a
 * directory wins; among equals the lowest rank.
 */
export function dropDuplicates(listing: Directory, rank: (origin: number) => number): void {
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
