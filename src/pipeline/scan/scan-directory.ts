// Reads one directory of the transfer into a listing. A transfer directory can be fed from more
// than one place: the whole contents of one or several source directories (several SRC/ arguments
// are merged, the first to bring a name wins), and single entries named by arguments, --relative
// or --files-from. Filters apply before anything is read about an entry that they hide.

import { joinPath } from "../../base/index.ts";
import { type DirHandle, FsError, Stat } from "../../fs/index.ts";
import {
  type Directory,
  dropTwins,
  firstDirectory,
  hideState,
  sortListing,
  standsApart,
  typeDirectory,
  typeMask,
} from "../../tree/index.ts";
import { entryLabel } from "./entry-label.ts";
import { keepOnly } from "./keep-only.ts";
import { addNamed, dropDuplicates } from "./named-entries.ts";
import { isDispensable, openOrigin } from "./open-origin.ts";
import {
  followMode,
  type Hides,
  type OpenOrigin,
  type Origin,
  type ScanContext,
  type ScanRequest,
  type SourceRoot,
} from "./request.ts";
import { readLinkTargets, resolveLinks } from "./symlinks.ts";
import { readXattrs } from "./xattrs.ts";

const own = new Stat();

/**
 * Fills `listing` with the entries of the transfer directory, in listing order, attributes read.
 * The column `origin` gives the index of the origin, or origins.length plus the index of the named group,
 * that each entry comes from.
 */
export function scanDirectory(
  context: ScanContext,
  request: ScanRequest,
  listing: Directory,
): void {
  listing.clear();
  for (let index = 0; index < request.origins.length; index++) {
    addContents(context, request, index, listing);
  }
  if (request.named.length > 0) addNamed(context, request, listing);
  if (request.named.length > 0 || request.origins.length > 1) {
    sortListing(listing, false);
    dropDuplicates(listing, (place) => orderOf(request, place));
  }
}

function orderOf({ origins, named }: ScanRequest, place: number): number {
  const { order } = (origins[place] ?? named[place - origins.length]) as { order: number };
  // Of equal order, what stands first. Orders are whole numbers.
  return order + place / (origins.length + named.length);
}

function addContents(
  context: ScanContext,
  request: ScanRequest,
  index: number,
  listing: Directory,
): void {
  const origin = request.origins[index] as Origin;
  const root = context.roots[origin.root] as SourceRoot;
  const { fs, label } = root;
  let dir: DirHandle;
  try {
    dir = openOrigin(root, origin, followMode(context.options));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (isDispensable(origin, error)) return;
    listing.complete = false;
    context.problem(label + origin.path, "opendir", error.errno);
    return;
  }
  try {
    const from = {
      fs,
      dir,
      path: request.path,
      label: label + origin.path,
      root: origin.root,
    };
    readContents(context, from, index, listing);
  } finally {
    fs.closeDirectory(dir);
  }
}

function readContents(
  context: ScanContext,
  from: OpenOrigin,
  index: number,
  listing: Directory,
): void {
  const { fs, dir } = from;
  const { options } = context;
  const first = listing.count;
  try {
    fs.readNames(dir, listing);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    listing.complete = false;
    context.problem(from.label, "readdir", error.errno);
  }
  hideState(listing, first, true);
  const changesTypes = options.copyLinks || options.copyUnsafe || options.copyDirLinks;
  const statFirst = changesTypes || lacksTypes(listing, first);
  if (statFirst) {
    fs.statEntries(dir, listing, first, listing.count);
    if (changesTypes) resolveLinks(context, from, listing, first);
  }
  listing.origin.fill(index, first, listing.count);
  hideEntries(context, context.hides?.(from.root), listing, first, !statFirst);
  if (first === 0 && sortListing(listing, !statFirst)) dropTwins(listing);
  const directories = firstDirectory(listing);
  if (!statFirst) fs.statEntries(dir, listing, first, listing.count);
  const isWhole = reportUnreadable(context, from, listing, first);
  // What was a directory when it was listed may be none when it is looked at, and the reverse.
  if (first === 0 && !(isWhole && standsApart(listing, directories))) sortListing(listing, false);
  if (options.oneFileSystem > 0) stayOnDevice(context, from, listing, first);
  if (options.linkTargets) readLinkTargets(context, from, listing, first);
  if (options.xattrs !== undefined) readXattrs(context, from, listing, first);
}

function lacksTypes(listing: Directory, first: number): boolean {
  if ((listing.types & 1) === 0) return false;
  for (let i = first; i < listing.count; i++) if (listing.mode[i] === 0) return true;
  return false;
}

function hideEntries(
  context: ScanContext,
  hides: Hides | undefined,
  listing: Directory,
  first: number,
  namesOnly: boolean,
): void {
  const { options } = context;
  if (hides === undefined && options.directories) return;
  keepOnly(listing, first, namesOnly, (i) => {
    const isDirectory = ((listing.mode[i] as number) & typeMask) === typeDirectory;
    if (isDirectory && !options.directories) return false;
    const start = listing.nameStart[i] as number;
    return (
      hides === undefined ||
      !hides(listing.names, start, start + (listing.nameLength[i] as number), isDirectory)
    );
  });
}

/** An entry that cannot be read is left out; the directory is then incomplete unless it vanished. False = some were. */
function reportUnreadable(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): boolean {
  if ((listing.types & 1) === 0) return true;
  let broken = false;
  for (let i = first; i < listing.count; i++) {
    if (listing.problem[i] === 0) continue;
    broken = true;
    if (listing.problem[i] !== 2) listing.complete = false;
    context.problem(entryLabel(from.label, listing.name(i)), "lstat", listing.problem[i] as number);
  }
  if (broken) keepOnly(listing, first, false, (i) => listing.problem[i] === 0);
  return !broken;
}

/** Verdict flag of a directory that another file system is mounted on: listed, never entered. */
export const mountPoint = 0x80;

/** Directories on another file system than the one they stand in. */
function stayOnDevice(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): void {
  from.fs.statDirectory(from.dir, own);
  const level = context.options.oneFileSystem;
  let crossed = false;
  for (let i = first; i < listing.count; i++) {
    if (((listing.mode[i] as number) & typeMask) !== typeDirectory) continue;
    if (listing.devMajor[i] === own.devMajor && listing.devMinor[i] === own.devMinor) continue;
    listing.verdict[i] = (listing.verdict[i] as number) | mountPoint;
    crossed = true;
    if (level === 2)
      context.note(
        "mount",
        1,
        `[sender] skipping mount-point dir ${joinPath(from.path, listing.name(i))}`,
      );
  }
  if (crossed && level === 2)
    keepOnly(listing, first, false, (i) => ((listing.verdict[i] as number) & mountPoint) === 0);
}
