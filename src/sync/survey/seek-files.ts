// Directories of the target that no survey lists: those that only the target has, and, where nothing is deleted, all.
// They are walked when entries wait for content that may be in them. Nothing but names, sizes and times is read.

import { joinPath } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { Directory, hideState, sortListing } from "../../tree/index.ts";
import { openDirectoryOf } from "../lane/found-file.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { LaneMoves } from "../lane/lane-moves.ts";
import { fileTag, type SeekPlace, type SeekResult, type SeekTask } from "../tasks/move-tasks.ts";

/** A task ends after about so many entries: others can take the rest. */
const entriesMax = 4096;

const listing = new Directory();
const stat = new Stat();

/** Runs a seek task. */
export function seekFiles(lane: LaneContext, { places }: SeekTask): SeekResult {
  const { moves } = lane;
  const left = [...places].reverse();
  for (let entries = 0; moves !== undefined && entries < entriesMax; entries += listing.count + 1) {
    const place = left.pop();
    if (place === undefined) break;
    lane.checkCancelled();
    const below = seekIn(lane, moves, place);
    for (let i = below.length - 1; i >= 0; i--) left.push(below[i] as SeekPlace);
  }
  return { kind: "seek", left: left.reverse() };
}

/** Remembers the files of one directory, and returns the directories in it. What cannot be read has no candidates. */
function seekIn(lane: LaneContext, moves: LaneMoves, place: SeekPlace): readonly SeekPlace[] {
  listing.clear();
  let dir: DirHandle | undefined;
  try {
    dir = openPlace(lane, place);
    lane.fs.readNames(dir, listing);
    hideState(listing, 0, true);
    lane.fs.statEntries(dir, listing, 0, listing.count);
    sortListing(listing, false);
    return settle(lane, moves, place, dir);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return [];
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
}

function openPlace(lane: LaneContext, { root, path }: SeekPlace): DirHandle {
  if (root === 0) {
    const dir = openDirectoryOf(lane, path);
    if (dir === undefined) throw new FsError(2, "opendir", path);
    return dir;
  }
  return lane.fs.openDirectory(lane.renameRoots.open(root - 1), path);
}

function settle(
  lane: LaneContext,
  moves: LaneMoves,
  { root, path, goes }: SeekPlace,
  dir: DirHandle,
): readonly SeekPlace[] {
  const protects = goes ? lane.filters?.protects(path, true) : undefined;
  const staysHere = (i: number): boolean => {
    const start = listing.nameStart[i] as number;
    const end = start + (listing.nameLength[i] as number);
    return !goes || protects?.(listing.names, start, end, listing.isDirectory(i)) === true;
  };
  if (root > 0) moves.see(fileTag.from + root - 1, path, listing);
  else {
    if (goes) moves.see(fileTag.goes, path, listing, (i) => !staysHere(i));
    moves.see(fileTag.stays, path, listing, staysHere);
  }
  const below: SeekPlace[] = [];
  const isElsewhere = otherDevice(lane.fs, dir, lane.settings.options.walk.oneFileSystem > 0);
  for (let i = 0; i < listing.count; i++) {
    if (!listing.isDirectory(i) || isElsewhere(i)) continue;
    below.push({ root, path: joinPath(path, listing.name(i)), goes: goes && !staysHere(i) });
  }
  return below;
}

/** Says of entries whether another file system is mounted on them, where that matters. */
function otherDevice(fs: FileSystem, dir: DirHandle, matters: boolean): (i: number) => boolean {
  if (!matters) return () => false;
  fs.statDirectory(dir, stat);
  const { devMajor, devMinor } = stat;
  return (i) => listing.devMajor[i] !== devMajor || listing.devMinor[i] !== devMinor;
}
