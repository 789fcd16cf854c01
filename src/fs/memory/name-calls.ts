// The memory door's operations on names: making, linking, removing.

import { type ByteString, errno } from "../../base/index.ts";
import {
  isDevice,
  isDirectory,
  isSpecial,
  permissionMask,
  setGroupId,
  setUserId,
  typeDirectory,
  typeMask,
  typeSymlink,
} from "../../tree/index.ts";
import type { FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Folder } from "./folder.ts";
import { Inode, releaseIfUnused } from "./inode.ts";
import { changeable, lookUp, need } from "./names.ts";
import { checkLinkable, checkSticky, inGroup } from "./permission.ts";
import { rename } from "./rename.ts";
import type { MemoryState } from "./state.ts";

/** The part of the interface that this file serves. */
export type NameCalls = Pick<
  FileSystem,
  "makeDirectory" | "makeSymlink" | "makeNode" | "link" | "rename" | "unlink" | "removeDirectory"
>;

/** Returns the operations on names. */
export function nameCalls(state: MemoryState): NameCalls {
  return {
    makeDirectory: (dir, name, mode) => {
      const parent = state.directory(dir, "mkdir");
      // mkdir(2) takes the permission bits and the sticky bit only.
      const kept = mode & ~(setUserId | setGroupId);
      addInode(state, parent, name, { mode: typeDirectory | kept, operation: "mkdir" });
    },
    makeSymlink: (dir, name, target) => {
      const parent = state.directory(dir, "symlink");
      checkTarget(target);
      // Links have no permissions of their own and no umask touches them.
      const mode = typeSymlink | 0o777;
      addInode(state, parent, name, { mode, operation: "symlink" }).target = target;
    },
    makeNode: (dir, name, mode, rdevMajor, rdevMinor) => {
      const parent = state.directory(dir, "mknod");
      const node = addInode(state, parent, name, { mode, operation: "mknod" });
      if (!isDevice(mode)) return;
      node.rdevMajor = rdevMajor;
      node.rdevMinor = rdevMinor;
    },
    link: (dir, name, toDir, toName) => {
      const inode = need(state, state.directory(dir, "link"), name, "link");
      addLink(state, inode, state.directory(toDir, "link"), toName);
    },
    rename: (dir, name, toDir, toName, mode = "replace") =>
      rename(
        state,
        { directory: state.directory(dir, "rename"), name },
        { directory: state.directory(toDir, "rename"), name: toName },
        mode,
      ),
    unlink: (dir, name) => removeName(state, state.directory(dir, "unlink"), name),
    removeDirectory: (dir, name) => removeDirectory(state, state.directory(dir, "rmdir"), name),
  };
}

/** Makes a new file of this type and mode under the name; EEXIST when it is taken. */
export function addInode(
  state: MemoryState,
  parent: Inode,
  name: ByteString,
  { mode, operation }: { mode: number; operation: string },
): Inode {
  const folder = freeName(state, parent, name, operation);
  const { volume } = parent;
  const mayMake = !isDevice(mode) || (state.abilities.devices && state.user.uid === 0);
  if (!mayMake) throw new FsError(errno.EPERM, operation, name);
  if (isSpecial(mode) && !state.abilities.specials) {
    throw new FsError(errno.EOPNOTSUPP, operation, name);
  }
  if (volume.inodes >= volume.inodesMax) throw new FsError(errno.ENOSPC, operation, name);
  const type = mode & typeMask;
  const masked = type === typeSymlink ? mode : mode & ~state.umask;
  const inode = new Inode(volume, type | (masked & permissionMask));
  inode.uid = state.user.uid;
  inode.gid = state.user.gid;
  if ((parent.mode & setGroupId) !== 0) {
    inode.gid = parent.gid;
    if (type === typeDirectory) inode.mode |= setGroupId;
    else if (state.user.uid !== 0 && !inGroup(state, parent.gid)) inode.mode &= ~setGroupId;
  }
  if (type === typeDirectory) {
    inode.parent = parent;
    parent.nlink++;
  }
  folder.set(name, inode);
  state.clock.stampNew(inode);
  state.clock.stampContent(parent);
  return inode;
}

function addLink(state: MemoryState, inode: Inode, parent: Inode, name: ByteString): void {
  if (lookUp(state, parent, name, "link") !== undefined) {
    throw new FsError(errno.EEXIST, "link", name);
  }
  if (parent.nlink === 0) throw new FsError(errno.ENOENT, "link", name);
  if (inode.volume !== parent.volume) throw new FsError(errno.EXDEV, "link", name);
  checkLinkable(state, inode, { operation: "link", name });
  const folder = changeable(state, parent, name, "link");
  const { linksMax } = inode.volume;
  if (isDirectory(inode.mode) || linksMax === 0) throw new FsError(errno.EPERM, "link", name);
  if (inode.nlink >= linksMax) throw new FsError(errno.EMLINK, "link", name);
  inode.nlink++;
  folder.set(name, inode);
  state.clock.stampChange(inode);
  state.clock.stampContent(parent);
}

/** The names of a directory that the user may add this one to; EEXIST when it is there. */
function freeName(
  state: MemoryState,
  parent: Inode,
  name: ByteString,
  operation: string,
): Folder<Inode> {
  if (lookUp(state, parent, name, operation) !== undefined) {
    throw new FsError(errno.EEXIST, operation, name);
  }
  return changeable(state, parent, name, operation);
}

function checkTarget(target: ByteString): void {
  if (target === "") throw new FsError(errno.ENOENT, "symlink", target);
  if (target.includes("\0")) throw new FsError(errno.EINVAL, "symlink", target);
  if (target.length > 4095) throw new FsError(errno.ENAMETOOLONG, "symlink", target);
}

function removeName(state: MemoryState, parent: Inode, name: ByteString): void {
  const inode = need(state, parent, name, "unlink");
  const folder = changeable(state, parent, name, "unlink");
  checkSticky(state, parent, inode, { operation: "unlink", name });
  if (isDirectory(inode.mode)) throw new FsError(errno.EISDIR, "unlink", name);
  folder.delete(name);
  inode.nlink--;
  state.clock.stampChange(inode);
  state.clock.stampContent(parent);
  releaseIfUnused(inode);
}

function removeDirectory(state: MemoryState, parent: Inode, name: ByteString): void {
  const inode = need(state, parent, name, "rmdir");
  const folder = changeable(state, parent, name, "rmdir");
  checkSticky(state, parent, inode, { operation: "rmdir", name });
  if (inode.folder === undefined) throw new FsError(errno.ENOTDIR, "rmdir", name);
  if (folder.get(name)?.mounted !== undefined) throw new FsError(errno.EBUSY, "rmdir", name);
  if (inode.folder.count > 0) throw new FsError(errno.ENOTEMPTY, "rmdir", name);
  folder.delete(name);
  inode.nlink = 0;
  parent.nlink--;
  state.clock.stampChange(inode);
  state.clock.stampContent(parent);
  releaseIfUnused(inode);
}
