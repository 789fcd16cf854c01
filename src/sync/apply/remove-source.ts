// --remove-source-files: takes away what is safely on the target, after one more look at it.

import { type ByteString, errno, joinPath } from "../../base/index.ts";
import { type DirHandle, FsError, isSameInode, Stat } from "../../fs/index.ts";
import type { NamedGroup, Origin, SourceFile, TargetPlace } from "../../pipeline/index.ts";
import type { FileCopy } from "../../session/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import type { MovedSources } from "../lane/moved-sources.ts";

const source = new Stat();
const target = new Stat();

/** Returns where entry `i` of a listing lies on the source. */
export function sourceFile(
  origins: readonly Origin[],
  named: readonly NamedGroup[],
  listing: Directory,
  i: number,
): SourceFile {
  const origin = listing.origin[i] as number;
  const from = origins[origin];
  const entry = named[origin - origins.length];
  return {
    root: from?.root ?? entry?.root ?? 0,
    directory: from?.path ?? entry?.parent ?? "",
    name: entry?.sourceName ?? listing.name(i),
    named: entry === undefined ? (from?.named ?? 0) : entry.parent.length,
    size: listing.size[i] as number,
    mtime: listing.mtime[i] as number,
    mtimeNanos: listing.mtimeNanos[i] as number,
  };
}

/** Where a copy stands on this machine. */
interface Copy {
  readonly place: TargetPlace;
  readonly name: ByteString;
}

/** What stands on another machine, or perhaps on this one. */
interface FarCopy {
  readonly copy: FileCopy;
  readonly isSameMachine: boolean;
}

/**
 * Remembers that row `row` of a listing of another machine is to go there, with what stands here in its place. Where
 * nothing does, it stays there.
 */
export function moveAway(
  lane: LaneCore & { readonly moved: MovedSources },
  row: number,
  { place, name }: Copy,
  directory?: number,
): void {
  if (!lane.fs.stat(place.dir, name, target)) return;
  const { devMajor, devMinor, inoHigh, inoLow, ctime, ctimeNanos } = target;
  lane.moved.add(row, { devMajor, devMinor, inoHigh, inoLow, ctime, ctimeNanos }, directory);
}

/**
 * Removes the source file; one that changed since it was read, that is the target itself, or that lies behind a symlink
 * to a directory, stays.
 */
export function removeSourceFile(lane: LaneCore, file: SourceFile, copy: Copy | FarCopy): void {
  const root = lane.roots[file.root];
  if (root === undefined) return;
  const path = joinPath(file.directory, file.name);
  let dir: DirHandle | undefined;
  try {
    dir = root.fs.openDirectory(root.dir, file.directory, "none");
    removeFrom(lane, dir, file, path, copy);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT") lane.note("remove", 0, `sender file already removed: ${path}`);
    else if (dir === undefined && (error.code === "ELOOP" || error.code === "ENOTDIR")) {
      lane.problem("source", root.label + path, "open_parent", errno.ELOOP);
    } else lane.problem("source", root.label + path, "unlink", error.errno);
  } finally {
    if (dir !== undefined) root.fs.closeDirectory(dir);
  }
}

function removeFrom(
  lane: LaneCore,
  dir: DirHandle,
  file: SourceFile,
  path: ByteString,
  copy: Copy | FarCopy,
): void {
  const { fs } = lane;
  const { copyLinks } = lane.scan.options;
  if (!fs.stat(dir, file.name, source, copyLinks)) throw new FsError(2, "stat", file.name);
  if ("copy" in copy ? isFarCopy(copy) : isCopy(lane, copy)) {
    refuse(lane, path, `ERROR: Skipping sender remove of destination file: ${path}`);
    return;
  }
  const isSame =
    source.size === file.size &&
    source.mtime === file.mtime &&
    source.mtimeNanos === file.mtimeNanos;
  if (!isSame) {
    refuse(lane, path, `ERROR: Skipping sender remove for changed file: ${path}`);
    return;
  }
  fs.unlink(dir, file.name);
  lane.note("remove", 1, `sender removed ${path}`);
}

function isCopy({ fs }: LaneCore, { place, name }: Copy): boolean {
  return fs.stat(place.dir, name, target) && isSameInode(target, source);
}

/**
 * Of one kernel all file systems have numbers of their own. Two machines may still share one: there the inode's number
 * and the moment when it last changed, to the nanosecond, are one file's.
 */
function isFarCopy({ copy, isSameMachine }: FarCopy): boolean {
  if (isSameMachine && isSameInode(copy, source)) return true;
  return (
    copy.inoLow === source.inoLow &&
    copy.inoHigh === source.inoHigh &&
    copy.ctime === source.ctime &&
    copy.ctimeNanos === source.ctimeNanos
  );
}

function refuse(lane: LaneCore, path: ByteString, message: ByteString): void {
  lane.problem("source", path, "note", 0, message);
}
