// Final attributes of directories: what their contents would disturb (times) or what would keep
// their contents from being written (modes without write permission) comes last.

import type { ByteString } from "../base/index.ts";
import { FsError, omitTime } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { change, type Directory, permissionMask } from "../tree/index.ts";
import type { LaneContext } from "./lane-context.ts";
import type { ClosingDirectory } from "./tasks.ts";

/** Returns what has to be set on the directory `path`, entry `i` of a listing, once its contents are done. */
export function closingDirectory(
  options: Options,
  listing: Directory,
  i: number,
  path: ByteString,
  changes: number,
): ClosingDirectory {
  const mode = (listing.mode[i] as number) & permissionMask;
  const isNew = (changes & change.created) !== 0;
  return {
    path,
    mode,
    setMode: (mode & 0o700) !== 0o700 && (isNew || (changes & change.mode) !== 0),
    setTimes: options.preserve.dirTimes,
    atime: listing.atime[i] as number,
    atimeNanos: options.preserve.atimes ? (listing.atimeNanos[i] as number) : omitTime,
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
  const follow = lane.settings.options.links.keepDirLinks ? "anywhere" : "none";
  const dir = fs.openDirectory(lane.targetRoot, directory.path, follow);
  try {
    if (directory.setTimes) {
      const { atime, atimeNanos, mtime, mtimeNanos } = directory;
      fs.setDirectoryTimes(dir, atime, atimeNanos, mtime, mtimeNanos);
    }
    if (directory.setMode) fs.setDirectoryMode(dir, directory.mode);
  } finally {
    fs.closeDirectory(dir);
  }
}
