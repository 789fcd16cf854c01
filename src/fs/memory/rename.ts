// Renaming, with all the refusals of rename(2).

import type { ByteString } from "../../base/index.ts";
import { errno } from "../../native/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { RenameMode } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Folder } from "./folder.ts";
import { type Inode, releaseIfUnused } from "./inode.ts";
import { changeable, checkName } from "./names.ts";
import { checkAccess, checkSticky, mayWrite } from "./permission.ts";
import type { MemoryState } from "./state.ts";

/** One end of a rename. */
export interface NameAt {
  readonly directory: Inode;
  readonly name: ByteString;
}

/** Renames. Two names of one file are left as they are, both of them, as rename(2) has it. */
export function rename(state: MemoryState, from: NameAt, to: NameAt, mode: RenameMode): void {
  checkName(from.directory, from.name, "rename");
  checkName(to.directory, to.name, "rename");
  const source = changeable(state, from.directory, from.name, "rename");
  const target = changeable(state, to.directory, to.name, "rename");
  if (mode === "exchange" && !state.abilities.renameFlags) fail(errno.EOPNOTSUPP, to);
  if (from.directory.volume !== to.directory.volume) fail(errno.EXDEV, to);
  const moved = source.get(from.name);
  if (moved === undefined) fail(errno.ENOENT, from);
  const replaced = target.get(to.name);
  checkMove(state, moved, from, to.directory);
  if (mode === "no-replace" && replaced !== undefined) fail(errno.EEXIST, to);
  if (mode === "exchange") {
    if (replaced === undefined) fail(errno.ENOENT, to);
    checkMove(state, replaced, to, from.directory);
    exchange(state, { source, from, moved, target, to, replaced });
    return;
  }
  if (replaced === moved) {
    respell(state, source, from, to);
    return;
  }
  if (replaced !== undefined) checkReplace(state, moved, replaced, to);
  source.delete(from.name);
  if (replaced !== undefined) drop(state, replaced, to.directory);
  target.set(to.name, moved);
  settle(state, moved, from.directory, to.directory);
}

function fail(number: number, { name }: NameAt): never {
  throw new FsError(number, "rename", name);
}

/** What must hold for a file to leave its name. */
function checkMove(state: MemoryState, inode: Inode, from: NameAt, into: Inode): void {
  const act = { operation: "rename", name: from.name };
  if (inode.mounted !== undefined) fail(errno.EBUSY, from);
  checkSticky(state, from.directory, inode, act);
  if (!isDirectory(inode.mode)) return;
  if (isWithin(into, inode)) fail(errno.EINVAL, from);
  // Its ".." is rewritten.
  if (into !== from.directory) checkAccess(state, inode, mayWrite, act);
}

function isWithin(directory: Inode, ancestor: Inode): boolean {
  for (let here = directory; ; ) {
    if (here === ancestor) return true;
    if (here.parent === undefined || here.parent === here) return false;
    here = here.parent;
  }
}

function checkReplace(state: MemoryState, moved: Inode, replaced: Inode, to: NameAt): void {
  if (replaced.mounted !== undefined) fail(errno.EBUSY, to);
  checkSticky(state, to.directory, replaced, { operation: "rename", name: to.name });
  if (isDirectory(moved.mode)) {
    if (replaced.folder === undefined) fail(errno.ENOTDIR, to);
    if (replaced.folder.count > 0) fail(errno.ENOTEMPTY, to);
  } else if (isDirectory(replaced.mode)) fail(errno.EISDIR, to);
}

/** On a volume without case the same entry may get another spelling. */
function respell(state: MemoryState, source: Folder<Inode>, from: NameAt, to: NameAt): void {
  const sameEntry = from.directory === to.directory && source.same(from.name, to.name);
  if (!sameEntry || from.name === to.name) return;
  const inode = source.get(from.name);
  if (inode === undefined) return;
  source.set(to.name, inode);
  state.clock.stampContent(from.directory);
}

function drop(state: MemoryState, replaced: Inode, directory: Inode): void {
  if (isDirectory(replaced.mode)) {
    replaced.nlink = 0;
    directory.nlink--;
  } else replaced.nlink--;
  state.clock.stampChange(replaced);
  releaseIfUnused(replaced);
}

/** Brings parents, link counts and times up to date after `moved` went from one directory to another. */
function settle(state: MemoryState, moved: Inode, from: Inode, to: Inode): void {
  if (isDirectory(moved.mode) && from !== to) {
    moved.parent = to;
    from.nlink--;
    to.nlink++;
  }
  state.clock.stampChange(moved);
  state.clock.stampContent(from);
  if (to !== from) state.clock.stampContent(to);
}

function exchange(
  state: MemoryState,
  swap: {
    source: Folder<Inode>;
    from: NameAt;
    moved: Inode;
    target: Folder<Inode>;
    to: NameAt;
    replaced: Inode;
  },
): void {
  const { source, from, moved, target, to, replaced } = swap;
  if (moved === replaced) return;
  source.set(from.name, replaced);
  target.set(to.name, moved);
  settle(state, moved, from.directory, to.directory);
  settle(state, replaced, to.directory, from.directory);
}
