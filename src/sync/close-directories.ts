// Final attributes of directories: what their contents would disturb (times) or what would keep
// their contents from being written (modes without write permission) comes last.

import type { ByteString } from "../base/index.ts";
import { FsError, omitTime } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { type Directory, permissionMask } from "../tree/index.ts";
import type { LaneContext } from "./lane-context.ts";
import { isNarrow } from "./narrow-directories.ts";
import type { ClosingDirectory } from "./tasks.ts";

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

function closeOne(lane: LaneContext, directory: ClosingDirectory): void {
  const { fs } = lane;
  const dir = lane.openTargetDirectory(directory.path);
  try {
    if (directory.setTimes) {
      // Access times of directories are not kept: reading them changes them.
      fs.setDirectoryTimes(dir, 0, omitTime, directory.mtime, directory.mtimeNanos);
    }
    if (directory.setMode) fs.setDirectoryMode(dir, directory.mode);
  } finally {
    fs.closeDirectory(dir);
  }
}
