// A file of the target that another may be made of, opened wherever it is by now: under its name, held because it was
// replaced or removed in this run, or in another tree.

import { type ByteString, baseName, parentPath } from "../../base/index.ts";
import { closeRead, type DirHandle, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { findHeld } from "../../pipeline/index.ts";
import { isRegular } from "../../tree/index.ts";
import { fileTag, type MoveBasis } from "../tasks/move-tasks.ts";
import type { LaneCore } from "./lane-core.ts";
import type { LaneMoves } from "./lane-moves.ts";
import type { RenameRoots } from "./rename-roots.ts";

/** What finding files asks of a lane. */
export type FoundLane = LaneCore & {
  readonly moves: LaneMoves | undefined;
  readonly renameRoots: RenameRoots;
};

/** Such a file, open. */
export interface FoundFile {
  readonly file: FileHandle;
  /** Where it lies. */
  readonly dir: DirHandle;
  readonly name: ByteString;
  /** What it was when it was opened. */
  readonly looks: Stat;
  /** The directory is this one's to close. */
  readonly closes: boolean;
  /** Somebody else closes the file. */
  isTaken?: boolean;
}

/** Opens the file; undefined = it cannot be had any more. */
export function openFound(lane: FoundLane, basis: MoveBasis): FoundFile | undefined {
  const { dryRun } = lane.settings.options.transfer;
  const isGone = basis.tag === fileTag.gone && !dryRun;
  const standing = isGone ? undefined : openStanding(lane, basis);
  if (standing !== undefined && isListed(standing, basis)) return standing;
  // What stands there now is not what was seen: that may be held. If not, this may do all the same.
  const held = basis.tag >= fileTag.from ? undefined : openHeld(lane, basis);
  if (held === undefined) return standing;
  if (standing !== undefined) closeFound(lane, standing);
  return held;
}

/** Closes it. */
export function closeFound({ fs }: FoundLane, found: FoundFile): void {
  const { file, dir, closes } = found;
  if (found.isTaken !== true) closeRead(fs, file);
  if (closes) fs.closeDirectory(dir);
}

function isListed({ looks }: FoundFile, { size, mtime, mtimeNanos }: MoveBasis): boolean {
  return looks.size === size && looks.mtime === mtime && looks.mtimeNanos === mtimeNanos;
}

function openStanding(lane: FoundLane, basis: MoveBasis): FoundFile | undefined {
  const { tag, directory } = basis;
  const dir =
    tag < fileTag.from
      ? openDirectoryOf(lane, directory)
      : unlessFailed(() =>
          lane.fs.openDirectory(lane.renameRoots.open(tag - fileTag.from), directory),
        );
  if (dir === undefined) return undefined;
  const found = openIn(lane, dir, basis.name, true);
  if (found === undefined) lane.fs.closeDirectory(dir);
  return found;
}

function openHeld(lane: FoundLane, { directory, name }: MoveBasis): FoundFile | undefined {
  const { moves, receive } = lane;
  if (moves === undefined || receive.held === undefined) return undefined;
  let dir: DirHandle | undefined;
  try {
    // Only its path matters, unless it was on a file system of its own.
    dir = unlessFailed(() => lane.openTargetDirectory(directory));
    const at = findHeld(receive, moves, { dir: dir ?? lane.targetRoot, path: directory }, name);
    return at && openIn(lane, at.dir, at.name, false);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
}

/**
 * Opens a directory of the target by its path, also if something else has taken its place, or that of one above it,
 * in this run. Undefined = it is not there.
 */
export function openDirectoryOf(lane: FoundLane, path: ByteString): DirHandle | undefined {
  return unlessFailed(() => lane.openTargetDirectory(path)) ?? openDisplaced(lane, path);
}

/** What something has taken the place of lies in staging, under a name that follows from its path. */
function openDisplaced(lane: FoundLane, path: ByteString): DirHandle | undefined {
  const { fs, receive, moves } = lane;
  if (moves === undefined || receive.options.dryRun || path === "") return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const top = path.slice(0, end);
    const place = { dir: lane.targetRoot, path: parentPath(top) };
    const dir = unlessFailed(() => {
      const at = findHeld(receive, moves, place, baseName(top));
      return at && fs.openDirectory(at.dir, at.name + path.slice(end));
    });
    if (dir !== undefined) return dir;
  }
  return undefined;
}

function unlessFailed<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

function openIn(
  { fs }: FoundLane,
  dir: DirHandle,
  name: ByteString,
  closes: boolean,
): FoundFile | undefined {
  let file: FileHandle;
  try {
    file = fs.openRead(dir, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
  const looks = new Stat();
  try {
    fs.statFile(file, looks);
    if (isRegular(looks.mode)) return { file, dir, name, looks, closes };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
  closeRead(fs, file);
  return undefined;
}
