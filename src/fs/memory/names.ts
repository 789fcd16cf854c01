// Checks of names, and what every change of a directory must pass first.

import { type ByteString, errno } from "../../base/index.ts";
import { FsError } from "../fs-error.ts";
import type { Folder } from "./folder.ts";
import type { Inode } from "./inode.ts";
import { checkAccess, checkWritable, mayEnter, mayWrite } from "./permission.ts";
import type { MemoryState } from "./state.ts";

/** Throws unless the name is one component that can be an entry: EINVAL, ENOENT for "". */
export function checkName(name: ByteString, operation: string): void {
  if (name === "") throw new FsError(errno.ENOENT, operation, name);
  if (name === "." || name === ".." || name.includes("/") || name.includes("\0")) {
    throw new FsError(errno.EINVAL, operation, name);
  }
}

/** Throws unless the user may look for names of this length here: EACCES, ENOENT (removed), ENAMETOOLONG. */
export function checkSearch(
  state: MemoryState,
  directory: Inode,
  name: ByteString,
  operation: string,
): void {
  checkAccess(state, directory, mayEnter, { operation, name });
  if (directory.nlink === 0) throw new FsError(errno.ENOENT, operation, name);
  if (name.length > directory.volume.nameBytesMax) {
    throw new FsError(errno.ENAMETOOLONG, operation, name);
  }
}

/** Returns what stands under the name, or undefined; the directory must be searchable. */
export function lookUp(
  state: MemoryState,
  directory: Inode,
  name: ByteString,
  operation: string,
): Inode | undefined {
  checkName(name, operation);
  checkAccess(state, directory, mayEnter, { operation, name });
  if (directory.nlink === 0) return undefined;
  checkSearch(state, directory, name, operation);
  return state.child(directory, name);
}

/** As lookUp, but nothing there is ENOENT. */
export function need(
  state: MemoryState,
  directory: Inode,
  name: ByteString,
  operation: string,
): Inode {
  const inode = lookUp(state, directory, name, operation);
  if (inode === undefined) throw new FsError(errno.ENOENT, operation, name);
  return inode;
}

/** The names of a directory that the user may change; ENOENT for one that has been removed. */
export function changeable(
  state: MemoryState,
  directory: Inode,
  name: ByteString,
  operation: string,
): Folder<Inode> {
  if (directory.folder === undefined) throw new FsError(errno.ENOTDIR, operation, name);
  if (directory.nlink === 0) throw new FsError(errno.ENOENT, operation, name);
  checkWritable(directory, { operation, name });
  checkAccess(state, directory, mayWrite | mayEnter, { operation, name });
  return directory.folder;
}
