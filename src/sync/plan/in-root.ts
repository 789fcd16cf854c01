// Something that is done in a directory by its path, at the end of a run, and must not stop it.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";

/** Opens the root, does something in it and closes it; returns what went wrong. */
export function inRoot(
  fs: FileSystem,
  path: ByteString,
  act: (root: DirHandle) => void,
): FsError | undefined {
  let root: DirHandle | undefined;
  try {
    root = fs.openRoot(path);
    act(root);
    return undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return error;
  } finally {
    if (root !== undefined) fs.closeDirectory(root);
  }
}
