// Removes entries of the target, directories with everything below them, as far as the filter
// allows. Deleting is the one thing that cannot be undone, so every step is counted against
// --max-delete first and reported after.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { Directory, sortListing, typeDirectory, typeMask } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";

/** Decides about deletions and hears of them. */
export interface RemovalPolicy {
  /** Keeps an entry in spite of everything (protected by a filter). Directories that hold one stay too. */
  isProtected(path: ByteString, name: ByteString, isDirectory: boolean): boolean;
  /** Takes one from --max-delete; false when none is left. */
  mayDelete(): boolean;
  /** Called after each removal, or instead of it in a dry run; deepest entries first. */
  removed(path: ByteString, mode: number): void;
  /** Moves the entry to the backup instead of removing it; false = not wanted for this one. */
  backup(dir: DirHandle, path: ByteString, name: ByteString, mode: number): boolean;
}

/** Result of a removal. */
export type Removal = "removed" | "kept" | "limit";

/** Removes the entry `name` of `dir` with everything below. `path` is the directory's. */
export function removeEntry(
  context: ReceiveContext,
  policy: RemovalPolicy,
  dir: DirHandle,
  path: ByteString,
  name: ByteString,
  mode: number,
): Removal {
  const full = joinPath(path, name);
  if ((mode & typeMask) === typeDirectory) {
    const emptied = emptyDirectory(context, policy, dir, full, name);
    if (emptied !== "removed") return emptied;
  }
  if (!policy.mayDelete()) return "limit";
  try {
    if (!context.options.dryRun) removeOne(context, policy, dir, path, name, mode);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT") return "removed";
    context.problem(full, (mode & typeMask) === typeDirectory ? "rmdir" : "unlink", error.errno);
    return "kept";
  }
  policy.removed(full, mode);
  return "removed";
}

function removeOne(
  context: ReceiveContext,
  policy: RemovalPolicy,
  dir: DirHandle,
  path: ByteString,
  name: ByteString,
  mode: number,
): void {
  if ((mode & typeMask) === typeDirectory) context.fs.removeDirectory(dir, name);
  else if (!policy.backup(dir, path, name, mode)) context.fs.unlink(dir, name);
}

/** Removes what is below a directory. "kept" when something had to stay. */
function emptyDirectory(
  context: ReceiveContext,
  policy: RemovalPolicy,
  parent: DirHandle,
  path: ByteString,
  name: ByteString,
): Removal {
  const { fs } = context;
  let dir: DirHandle;
  const listing = new Directory();
  try {
    dir = fs.openDirectory(parent, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT") return "removed";
    context.problem(path, "opendir", error.errno);
    return "kept";
  }
  try {
    fs.readNames(dir, listing);
    fs.statEntries(dir, listing, 0, listing.count);
    sortListing(listing, false);
    return removeListed(context, policy, dir, path, listing);
  } finally {
    fs.closeDirectory(dir);
  }
}

function removeListed(
  context: ReceiveContext,
  policy: RemovalPolicy,
  dir: DirHandle,
  path: ByteString,
  listing: Directory,
): Removal {
  let kept = false;
  for (let i = listing.count - 1; i >= 0; i--) {
    const name = listing.name(i);
    const mode = listing.mode[i] as number;
    if (policy.isProtected(path, name, (mode & typeMask) === typeDirectory)) {
      kept = true;
      continue;
    }
    const removal = removeEntry(context, policy, dir, path, name, mode);
    if (removal === "limit") return "limit";
    if (removal === "kept") kept = true;
  }
  return kept ? "kept" : "removed";
}
