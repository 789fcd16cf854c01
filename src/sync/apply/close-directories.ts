// Final attributes of directories: what their contents would disturb (times) or what would keep
// their contents from being written (modes without write permission) comes last.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, omitTime } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { type Directory, permissionMask } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { inRoot } from "../plan/in-root.ts";
import type { ClosingDirectory } from "../tasks/tasks.ts";
import { isNarrow } from "./narrow-directories.ts";

/** Returns what has to be set on the directory `path`, entry `i` of a listing, once its contents are done. */
export function closingDirectory(
  options: Options,
  listing: Directory,
  i: number,
  path: ByteString,
): ClosingDirectory {
  const { times, dirTimes } = options.preserve;
  const mode = listing.mode[i] as number;
  return {
    path,
    mode: mode & permissionMask,
    setMode: isNarrow(mode),
    setTimes: times && dirTimes,
    mtime: listing.mtime[i] as number,
    mtimeNanos: listing.mtimeNanos[i] as number,
  };
}

/** Sets the final attributes of directories, in the order given. */
export function closeDirectories(
  lane: LaneContext,
  directories: readonly ClosingDirectory[],
): void {
  for (const directory of directories) {
    try {
      closeOne(lane, directory);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      lane.problem(
        "target",
        (lane.settings.target?.label ?? "") + directory.path,
        error.operation,
        error.errno,
      );
    }
  }
}

/** Sets the final attributes of the target's root; returns what went wrong. */
export function closeRoot(
  fs: FileSystem,
  path: ByteString,
  closing: ClosingDirectory,
): FsError | undefined {
  return inRoot(fs, path, (root) => setFinal(fs, root, closing));
}

function closeOne(lane: LaneContext, directory: ClosingDirectory): void {
  const { fs } = lane;
  const dir = lane.openTargetDirectory(directory.path);
  try {
    setFinal(fs, dir, directory);
  } finally {
    fs.closeDirectory(dir);
  }
}

/** Access times of directories are not kept: reading them changes them. */
function setFinal(fs: FileSystem, dir: DirHandle, directory: ClosingDirectory): void {
  const { setTimes, setMode, mode, mtime, mtimeNanos } = directory;
  if (setTimes) fs.setDirectoryTimes(dir, 0, omitTime, mtime, mtimeNanos);
  if (setMode) fs.setDirectoryMode(dir, mode);
}
