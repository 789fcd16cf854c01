// The memory door's operations that look: pinning directories, listing, attributes, link targets.

import { type ByteString, errno } from "../../base/index.ts";
import { type Directory, isDirectory, isSymlink, typeMask } from "../../tree/index.ts";
import type { DirHandle, FileHandle, FileSystem, Follow, Stat } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { fillColumns, fillStat, type Inode } from "./inode.ts";
import { lookUp, need } from "./names.ts";
import { hasAccess, mayEnter, mayRead } from "./permission.ts";
import { resolve } from "./resolve.ts";
import type { MemoryState } from "./state.ts";

/** The part of the interface that this file serves. */
export type DirectoryCalls = Pick<
  FileSystem,
  | "openRoot"
  | "openDirectory"
  | "closeDirectory"
  | "readNames"
  | "statEntries"
  | "stat"
  | "statDirectory"
  | "statFile"
  | "readLink"
>;

/** Returns the looking operations. */
export function directoryCalls(state: MemoryState): DirectoryCalls {
  return {
    openRoot: (path, follow = "trusted") => {
      const found = resolve(state, state.root, { path, follow, operation: "open" });
      return openInode(state, found, path);
    },
    openDirectory: (dir, path, follow = "none") => openBelow(state, dir, path, follow),
    closeDirectory: (dir) => {
      state.directory(dir, "close");
      state.close(dir);
    },
    readNames: (dir, listing) => readNames(state, dir, listing),
    statEntries: (dir, listing, from, to, follow = false) =>
      statEntries(state, state.directory(dir, "stat"), listing, { from, to, follow }),
    stat: (dir, name, into, follow = false) => statName(state, dir, name, { into, follow }),
    statDirectory: (dir, into) => fillStat(state.directory(dir, "stat"), into),
    statFile: (file: FileHandle, into: Stat) => fillStat(state.file(file, "stat").inode, into),
    readLink: (dir, name) => {
      const inode = need(state, state.directory(dir, "readlink"), name, "readlink");
      if (!isSymlink(inode.mode)) throw new FsError(errno.EINVAL, "readlink", name);
      state.clock.stampAccess(inode);
      return inode.target;
    },
  };
}

function openBelow(
  state: MemoryState,
  dir: DirHandle,
  path: ByteString,
  follow: Follow,
): DirHandle {
  const start = state.directory(dir, "open");
  if (path === "") return openInode(state, start, path, state.pinned(dir, "open").readable);
  if (
    (follow === "none" || follow === "beneath") &&
    path.includes("..") &&
    path.split("/").includes("..")
  ) {
    throw new FsError(errno.EINVAL, "open", path);
  }
  return openInode(state, resolve(state, start, { path, follow, operation: "open" }), path);
}

function openInode(
  state: MemoryState,
  inode: Inode,
  path: ByteString,
  wasReadable = false,
): DirHandle {
  if (!isDirectory(inode.mode)) throw new FsError(errno.ENOTDIR, "open", path);
  const readable = wasReadable || hasAccess(state, inode, mayRead);
  return state.openDirectory({ inode, readable });
}

function readNames(state: MemoryState, dir: DirHandle, listing: Directory): void {
  const { inode: directory, readable } = state.pinned(dir, "getdents");
  if (!readable) throw new FsError(errno.EACCES, "getdents", "");
  const { folder } = directory;
  if (folder === undefined || directory.nlink === 0)
    throw new FsError(errno.ENOENT, "getdents", "");
  const mask = directory.volume.untypedNames ? 0 : typeMask;
  listing.reserve(listing.count + folder.count);
  folder.forEach((name, inode) => {
    listing.add(name, inode.mode & mask);
  });
  if (!directory.volume.readOnly) state.clock.stampAccess(directory);
}

function statEntries(
  state: MemoryState,
  directory: Inode,
  listing: Directory,
  { from, to, follow }: { from: number; to: number; follow: boolean },
): void {
  const searchable = hasAccess(state, directory, mayEnter) && directory.nlink > 0;
  const refusal = directory.nlink > 0 ? errno.EACCES : errno.ENOENT;
  for (let i = from; i < to; i++) {
    let inode: Inode | undefined;
    let problem: number = refusal;
    const length = listing.nameLength[i] as number;
    if (searchable && length > directory.volume.nameBytesMax) problem = errno.ENAMETOOLONG;
    else if (searchable) {
      const name = listing.name(i);
      inode = name === "." ? directory : state.child(directory, name);
      problem = errno.ENOENT;
    }
    if (follow && inode !== undefined && isSymlink(inode.mode)) {
      try {
        inode = followLink(state, directory, listing.name(i));
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        inode = undefined;
        problem = error.errno;
      }
    }
    if (inode !== undefined) fillColumns(inode, listing, i);
    else {
      listing.mode[i] = 0;
      listing.problem[i] = problem;
    }
  }
}

function followLink(state: MemoryState, directory: Inode, name: ByteString): Inode {
  return resolve(state, directory, { path: name, follow: "anywhere", operation: "stat" });
}

function statName(
  state: MemoryState,
  dir: DirHandle,
  name: ByteString,
  { into, follow }: { into: Stat; follow: boolean },
): boolean {
  const directory = state.directory(dir, "stat");
  let inode = lookUp(state, directory, name, "stat");
  if (inode === undefined) return false;
  if (follow && isSymlink(inode.mode)) {
    try {
      inode = followLink(state, directory, name);
    } catch (error) {
      const absent =
        error instanceof FsError && (error.errno === errno.ENOENT || error.errno === errno.ENOTDIR);
      if (absent) return false;
      throw error;
    }
  }
  fillStat(inode, into);
  return true;
}
