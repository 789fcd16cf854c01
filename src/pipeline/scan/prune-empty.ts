// --prune-empty-dirs: leaves directories out that bring nothing but directories. Looks ahead, by
// names and types only, and stops at the first entry that is none.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, FsError, Stat } from "../../fs/index.ts";
import { Directory, typeDirectory, typeMask } from "../../tree/index.ts";
import { entryLabel } from "./entry-label.ts";
import { isDispensable, openOrigin } from "./open-origin.ts";
import {
  followMode,
  type Hides,
  type NamedGroup,
  type Origin,
  type ScanContext,
  type ScanRequest,
  type SourceRoot,
} from "./request.ts";
import { mountPoint } from "./scan-directory.ts";
import { resolveLinks } from "./symlinks.ts";

/** What looking ahead is given. */
export interface PruneContext extends Omit<ScanContext, "hides" | "absent"> {
  /** Directories inside directories are part of the transfer. */
  readonly recurse: boolean;
  /** What hides entries of the transfer directory `path` that come from a root. */
  readonly hidesIn: (root: number, path: ByteString) => Hides | undefined;
  /** Which directories of the transfer directory `path` stay although they are empty. */
  readonly keepsIn: (path: ByteString) => Hides | undefined;
  /** A directory was left out, and with it so many in all. */
  readonly pruned: (directories: number) => void;
}

/** What was found out about a directory that may be empty. */
interface Emptiness {
  readonly troubles: Trouble[];
  /** Directories below it. */
  directories: number;
}

/** Trouble that is only told if nothing else tells it: when the directory is left out. */
interface Trouble {
  readonly path: ByteString;
  readonly operation: string;
  readonly errno: number;
}

const own = new Stat();

/** Takes the directories that bring only directories out of a scanned listing. */
export function pruneEmpty(context: PruneContext, request: ScanRequest, listing: Directory): void {
  const keeps = context.keepsIn(request.path);
  const kept = new Uint32Array(listing.count);
  let count = 0;
  for (let i = 0; i < listing.count; i++) {
    const isDirectory = ((listing.mode[i] as number) & typeMask) === typeDirectory;
    if (isDirectory && !isWorthKeeping(context, request, listing, i, keeps)) continue;
    kept[count++] = i;
  }
  if (count < listing.count) listing.select(kept.subarray(0, count));
}

function isWorthKeeping(
  context: PruneContext,
  request: ScanRequest,
  listing: Directory,
  i: number,
  keeps: Hides | undefined,
): boolean {
  const group = request.named[(listing.origin[i] as number) - request.origins.length];
  // Planning has made sure that something below it exists.
  if (group?.implied) return true;
  const start = listing.nameStart[i] as number;
  if (keeps?.(listing.names, start, start + (listing.nameLength[i] as number), true)) return true;
  const name = listing.name(i);
  const isMount = ((listing.verdict[i] as number) & mountPoint) !== 0;
  const path = joinPath(request.path, name);
  const found: Emptiness = { troubles: [], directories: 0 };
  for (const origin of isMount ? [] : insideOrigins(context, request, name, group)) {
    if (holds(context, origin, path, found)) return true;
  }
  context.pruned(1 + found.directories);
  for (const { path: where, operation, errno } of found.troubles) {
    if (errno !== 2) listing.complete = false;
    context.problem(where, operation, errno);
  }
  return false;
}

function insideOrigins(
  { recurse }: PruneContext,
  { origins }: ScanRequest,
  name: ByteString,
  group: NamedGroup | undefined,
): Origin[] {
  const inside: Origin[] = [];
  if (recurse) {
    for (const from of origins)
      inside.push({ ...from, path: joinPath(from.path, name), optional: true });
  }
  if (group?.contents) {
    const path = joinPath(group.parent, group.sourceName ?? name);
    const named = group.follow === "no" ? group.parent.length : path.length;
    inside.push({ root: group.root, path, named, order: group.order });
  }
  return inside;
}

/** Says whether anything but directories comes from a source directory, which is `path` in the transfer. */
function holds(context: PruneContext, origin: Origin, path: ByteString, found: Emptiness): boolean {
  const root = context.roots[origin.root] as SourceRoot;
  const listing = new Directory();
  let dir: DirHandle;
  try {
    dir = openOrigin(root, origin, followMode(context.options));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (!isDispensable(origin, error)) {
      found.troubles.push({
        path: root.label + origin.path,
        operation: "opendir",
        errno: error.errno,
      });
    }
    return false;
  }
  try {
    if (hasNonDirectory(context, origin, path, { dir, listing }, found)) return true;
  } finally {
    root.fs.closeDirectory(dir);
  }
  found.directories += listing.count;
  if (!context.recurse) return false;
  for (let i = 0; i < listing.count; i++) {
    const name = listing.name(i);
    const below = { ...origin, path: joinPath(origin.path, name), optional: false };
    if (holds(context, below, joinPath(path, name), found)) return true;
  }
  return false;
}

/** Reads a directory; true as soon as it is known to hold something. Else `listing` has its visible directories. */
function hasNonDirectory(
  context: PruneContext,
  origin: Origin,
  path: ByteString,
  { dir, listing }: { readonly dir: DirHandle; readonly listing: Directory },
  { troubles }: Emptiness,
): boolean {
  const { fs, label } = context.roots[origin.root] as SourceRoot;
  const { options } = context;
  try {
    fs.readNames(dir, listing);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    troubles.push({ path: label + origin.path, operation: "readdir", errno: error.errno });
  }
  const follows = options.copyLinks || options.copyUnsafe || options.copyDirLinks;
  if (follows || options.oneFileSystem > 0 || lacksTypes(listing)) {
    fs.statEntries(dir, listing, 0, listing.count);
    const from = { fs, dir, path, label: entryLabel(label, origin.path), root: origin.root };
    const silent = {
      ...context,
      hides: undefined,
      problem: () => undefined,
      note: () => undefined,
    };
    if (follows) resolveLinks(silent, from, listing, 0);
    fs.statDirectory(dir, own);
  }
  const hides = context.hidesIn(origin.root, path);
  const keeps = context.keepsIn(path);
  const kept = new Uint32Array(listing.count);
  let count = 0;
  for (let i = 0; i < listing.count; i++) {
    const start = listing.nameStart[i] as number;
    const end = start + (listing.nameLength[i] as number);
    const isDirectory = ((listing.mode[i] as number) & typeMask) === typeDirectory;
    if (isDirectory && !options.directories) continue;
    if (hides?.(listing.names, start, end, isDirectory)) continue;
    if (!isDirectory || keeps?.(listing.names, start, end, true)) return true;
    if (options.oneFileSystem > 0 && isElsewhere(listing, i)) continue;
    kept[count++] = i;
  }
  listing.select(kept.subarray(0, count), true);
  return false;
}

function lacksTypes(listing: Directory): boolean {
  for (let i = 0; i < listing.count; i++) if (listing.mode[i] === 0) return true;
  return false;
}

/** A mount point brings nothing: it is not entered. */
function isElsewhere(listing: Directory, i: number): boolean {
  return listing.devMajor[i] !== own.devMajor || listing.devMinor[i] !== own.devMinor;
}
