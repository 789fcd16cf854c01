// Whether the user may: the classic owner, group, others rules (path_resolution(7), chmod(2),
// sticky directories). Root may everything.

import { type ByteString, errno } from "../../base/index.ts";
import { isRegular, setGroupId, setUserId, sticky } from "../../tree/index.ts";
import { FsError } from "../fs-error.ts";
import type { Inode } from "./inode.ts";
import type { MemoryState } from "./state.ts";

/** The right to read. */
export const mayRead = 4;
/** The right to write. */
export const mayWrite = 2;
/** The right to search a directory or run a file. */
export const mayEnter = 1;

/** What is being done, for the error. */
export interface Act {
  readonly operation: string;
  readonly name: ByteString;
}

/** Throws EACCES unless the user has all of the wanted rights. */
export function checkAccess(state: MemoryState, inode: Inode, wanted: number, act: Act): void {
  if (!hasAccess(state, inode, wanted)) throw new FsError(errno.EACCES, act.operation, act.name);
}

/** Says whether the user has all of the wanted rights. */
export function hasAccess(state: MemoryState, inode: Inode, wanted: number): boolean {
  const { user } = state;
  if (user.uid === 0) return true;
  let shift = 0;
  if (user.uid === inode.uid) shift = 6;
  else if (inGroup(state, inode.gid)) shift = 3;
  return ((inode.mode >>> shift) & wanted) === wanted;
}

/** Says whether the group is one of the user's. */
export function inGroup(state: MemoryState, gid: number): boolean {
  const { user } = state;
  return user.gid === gid || (user.groups?.includes(gid) ?? false);
}

/** Throws EROFS where nothing may be changed. */
export function checkWritable(inode: Inode, act: Act): void {
  if (inode.volume.readOnly) throw new FsError(errno.EROFS, act.operation, act.name);
}

/** Throws EPERM unless the user owns the file. */
export function checkOwner(state: MemoryState, inode: Inode, act: Act): void {
  if (state.user.uid !== 0 && state.user.uid !== inode.uid) {
    throw new FsError(errno.EPERM, act.operation, act.name);
  }
}

/** Throws EPERM where a sticky directory keeps the user from removing another's file. */
export function checkSticky(state: MemoryState, directory: Inode, inode: Inode, act: Act): void {
  const { uid } = state.user;
  if ((directory.mode & sticky) === 0 || uid === 0) return;
  if (uid !== inode.uid && uid !== directory.uid) {
    throw new FsError(errno.EPERM, act.operation, act.name);
  }
}

/** Throws EPERM where a link to another's file could be used against its owner (protected_hardlinks in proc(5)). */
export function checkLinkable(state: MemoryState, inode: Inode, act: Act): void {
  const { user } = state;
  if (user.uid === 0 || user.uid === inode.uid) return;
  const isPlain = isRegular(inode.mode) && withoutSetId(inode.mode) === inode.mode;
  if (!isPlain || !hasAccess(state, inode, mayRead | mayWrite)) {
    throw new FsError(errno.EPERM, act.operation, act.name);
  }
}

/** What a new owner, or a write by somebody without root's rights, takes from the mode of a file. */
export function withoutSetId(mode: number): number {
  const groupMayRun = (mode & 0o010) !== 0;
  return mode & ~setUserId & ~(groupMayRun ? setGroupId : 0);
}
