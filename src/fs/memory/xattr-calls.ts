// The memory door's extended attributes. Values are kept and given as copies. Which namespace may
// stand on which type follows xattr(7); ACLs (system.posix_acl_*) are kept but do not govern access.

import { type ByteString, errno } from "../../base/index.ts";
import { isDirectory, isRegular, sticky } from "../../tree/index.ts";
import type { DirHandle, FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Inode } from "./inode.ts";
import { need } from "./names.ts";
import { checkAccess, checkOwner, checkWritable, mayRead, mayWrite } from "./permission.ts";
import type { MemoryState } from "./state.ts";

/** The part of the interface that this file serves. */
export type XattrCalls = Pick<FileSystem, "listXattrs" | "getXattr" | "setXattr" | "removeXattr">;

const namespaces = ["user.", "trusted.", "security.", "system."];
const nameBytesMax = 255;
const valueBytesMax = 65_536;

/** Returns the operations on extended attributes. */
export function xattrCalls(state: MemoryState): XattrCalls {
  return {
    listXattrs: (dir, name) =>
      [...(inodeAt(state, dir, name, "listxattr").xattrs?.keys() ?? [])].filter(
        (attribute) => state.user.uid === 0 || !attribute.startsWith("trusted."),
      ),
    getXattr: (dir, name, attribute) => {
      const inode = inodeAt(state, dir, name, "getxattr");
      if (attribute.startsWith("user.")) {
        if (!carriesUserAttributes(inode)) return undefined;
        checkAccess(state, inode, mayRead, { operation: "getxattr", name });
      } else if (attribute.startsWith("trusted.") && state.user.uid !== 0) return undefined;
      return inode.xattrs?.get(attribute)?.slice();
    },
    setXattr: (dir, name, attribute, value) => {
      const inode = inodeAt(state, dir, name, "setxattr");
      checkChange(state, inode, attribute, { operation: "setxattr", name });
      if (value.length > valueBytesMax) throw new FsError(errno.E2BIG, "setxattr", name);
      inode.xattrs ??= new Map();
      inode.xattrs.set(attribute, value.slice());
      state.clock.stampChange(inode);
    },
    removeXattr: (dir, name, attribute) => {
      const inode = inodeAt(state, dir, name, "removexattr");
      checkChange(state, inode, attribute, { operation: "removexattr", name });
      if (inode.xattrs?.delete(attribute) !== true) {
        throw new FsError(errno.ENODATA, "removexattr", name);
      }
      state.clock.stampChange(inode);
    },
  };
}

function inodeAt(state: MemoryState, dir: DirHandle, name: ByteString, operation: string): Inode {
  const directory = state.directory(dir, operation);
  return name === "" ? directory : need(state, directory, name, operation);
}

function carriesUserAttributes({ mode }: Inode): boolean {
  return isRegular(mode) || isDirectory(mode);
}

function checkChange(
  state: MemoryState,
  inode: Inode,
  attribute: ByteString,
  act: { operation: string; name: ByteString },
): void {
  const { operation, name } = act;
  checkWritable(inode, act);
  const known = namespaces.some((prefix) => attribute.startsWith(prefix));
  if (!state.abilities.xattrs || !known) throw new FsError(errno.EOPNOTSUPP, operation, name);
  if (attribute.length > nameBytesMax) throw new FsError(errno.ERANGE, operation, name);
  if (attribute.startsWith("user.")) {
    if (!carriesUserAttributes(inode)) throw new FsError(errno.EPERM, operation, name);
    // Everybody may write to /tmp, which must not mean its attributes.
    if (isDirectory(inode.mode) && (inode.mode & sticky) !== 0) checkOwner(state, inode, act);
    checkAccess(state, inode, mayWrite, act);
  } else if (attribute.startsWith("system.")) checkOwner(state, inode, act);
  else if (state.user.uid !== 0) throw new FsError(errno.EPERM, operation, name);
}
