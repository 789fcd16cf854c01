// The memory door's operations on mode, owner and times.

import { errno } from "../../base/index.ts";
import { isDirectory, isSymlink, permissionMask, setGroupId, typeMask } from "../../tree/index.ts";
import { type FileSystem, omitTime } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Inode } from "./inode.ts";
import { setAccessed, setModified } from "./memory-clock.ts";
import { need } from "./names.ts";
import { type Act, checkOwner, checkWritable, inGroup, withoutSetId } from "./permission.ts";
import type { MemoryState } from "./state.ts";

/** The part of the interface that this file serves. */
export type AttributeCalls = Pick<
  FileSystem,
  | "setMode"
  | "setOwner"
  | "setTimes"
  | "setFileMode"
  | "setFileOwner"
  | "setFileTimes"
  | "setDirectoryMode"
  | "setDirectoryOwner"
  | "setDirectoryTimes"
>;

/** The value of an id that leaves it as it is. */
const keepId = 0xffffffff;

/** Returns the operations on attributes. */
export function attributeCalls(state: MemoryState): AttributeCalls {
  const at = (dir: number, name: string, operation: string): Inode =>
    need(state, state.directory(dir, operation), name, operation);
  return {
    setMode: (dir, name, mode) => changeMode(state, at(dir, name, "chmod"), mode, name),
    setOwner: (dir, name, uid, gid) =>
      changeOwner(state, at(dir, name, "chown"), { uid, gid, name }),
    setTimes: (dir, name, atime, atimeNanos, mtime, mtimeNanos) =>
      changeTimes(state, at(dir, name, "utimensat"), {
        atime,
        atimeNanos,
        mtime,
        mtimeNanos,
        name,
      }),
    setFileMode: (file, mode) => changeMode(state, state.file(file, "chmod").inode, mode, ""),
    setFileOwner: (file, uid, gid) =>
      changeOwner(state, state.file(file, "chown").inode, { uid, gid, name: "" }),
    setFileTimes: (file, atime, atimeNanos, mtime, mtimeNanos) =>
      changeTimes(state, state.file(file, "utimensat").inode, {
        ...{ atime, atimeNanos, mtime, mtimeNanos },
        name: "",
      }),
    setDirectoryMode: (dir, mode) => changeMode(state, state.directory(dir, "chmod"), mode, ""),
    setDirectoryOwner: (dir, uid, gid) =>
      changeOwner(state, state.directory(dir, "chown"), { uid, gid, name: "" }),
    setDirectoryTimes: (dir, atime, atimeNanos, mtime, mtimeNanos) =>
      changeTimes(state, state.directory(dir, "utimensat"), {
        ...{ atime, atimeNanos, mtime, mtimeNanos },
        name: "",
      }),
  };
}

function checkChange(state: MemoryState, inode: Inode, act: Act): void {
  checkWritable(inode, act);
  checkOwner(state, inode, act);
}

function changeMode(state: MemoryState, inode: Inode, mode: number, name: string): void {
  if (isSymlink(inode.mode)) throw new FsError(errno.EOPNOTSUPP, "chmod", name);
  checkChange(state, inode, { operation: "chmod", name });
  const outsider = state.user.uid !== 0 && !inGroup(state, inode.gid);
  const permissions = mode & permissionMask & (outsider ? ~setGroupId : -1);
  inode.mode = (inode.mode & typeMask) | permissions;
  state.clock.stampChange(inode);
}

function changeOwner(
  state: MemoryState,
  inode: Inode,
  { uid, gid, name }: { uid: number; gid: number; name: string },
): void {
  const act = { operation: "chown", name };
  checkWritable(inode, act);
  // Linux does this for root too, and whether or not anything changes.
  const mode = isDirectory(inode.mode) ? inode.mode : withoutSetId(inode.mode);
  // Anybody may ask for no change at all.
  if (uid !== keepId || gid !== keepId || mode !== inode.mode) checkOwner(state, inode, act);
  if (state.user.uid !== 0) {
    const keepsUser = uid === keepId || uid === inode.uid;
    const mayGive = keepsUser && (gid === keepId || gid === inode.gid || inGroup(state, gid));
    if (!mayGive) throw new FsError(errno.EPERM, "chown", name);
  }
  if (uid !== keepId) inode.uid = uid;
  if (gid !== keepId) inode.gid = gid;
  inode.mode = mode;
  state.clock.stampChange(inode);
}

function changeTimes(
  state: MemoryState,
  inode: Inode,
  times: { atime: number; atimeNanos: number; mtime: number; mtimeNanos: number; name: string },
): void {
  const { atime, atimeNanos, mtime, mtimeNanos, name } = times;
  checkChange(state, inode, { operation: "utimensat", name });
  checkNanos(atimeNanos, name);
  checkNanos(mtimeNanos, name);
  if (atimeNanos === omitTime && mtimeNanos === omitTime) return;
  if (atimeNanos !== omitTime) setAccessed(inode, atime, atimeNanos);
  if (mtimeNanos !== omitTime) setModified(inode, mtime, mtimeNanos);
  state.clock.stampChange(inode);
}

function checkNanos(nanos: number, name: string): void {
  if (nanos === omitTime || (nanos >= 0 && nanos < 1_000_000_000)) return;
  throw new FsError(errno.EINVAL, "utimensat", name);
}
