// Files that several processes open, make and remove: each may be there already, or be gone.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";

/** Opens a file for reading; undefined = there is none. Throws FsError. */
export function openIfAny(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
): FileHandle | undefined {
  try {
    return fs.openRead(dir, name);
  } catch (error) {
    if (error instanceof FsError && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Opens a file for writing, made if it is missing. Throws FsError. */
export function openOrCreate(fs: FileSystem, dir: DirHandle, name: ByteString): FileHandle {
  for (;;) {
    try {
      return fs.openWrite(dir, name);
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
    }
    try {
      return fs.createFile(dir, name, 0o600);
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
    }
  }
}

/** Removes a name, if it is there. Throws FsError. */
export function unlinkIfThere(fs: FileSystem, dir: DirHandle, name: ByteString): void {
  try {
    fs.unlink(dir, name);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
  }
}
