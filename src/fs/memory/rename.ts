// Renaming, with all the refusals of rename(2).

import { type ByteString, errno } from "../../base/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { RenameMode } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Folder } from "./folder.ts";
import { type Inode, releaseIfUnused } from "./inode.ts";
import { changeable, checkName, checkSearch } from "./names.ts";
import { checkAccess, checkSticky, checkWritable, mayWrite } from "./permission.ts";
import type { MemoryState } from "./state.ts";

/** One end of a rename. */
export interface NameAt {
  readonly directory: Inode;
  readonly name: ByteString;
}

/** Renames. Two names of one file are left as they are, both of them, as rename(2) has it. */
export function rename(state: MemoryState, from: NameAt, to: NameAt, mode: RenameMode): void {
  checkName(from.name, "rename");
  checkName(to.name, "rename");
  const ends = lookUpBoth(state, from, to, mode);
  if (mode === "exchange" && !state.abilities.renameFlags) fail(errno.EOPNOTSUPP, to);
  const { moved, replaced } = ends;
  if (replaced === moved) {
    if (mode !== "exchange") respell(state, from, to);
    return;
  }
  // In may_delete's order (fs/namei.c): the user's rights, then the types.
  const source = checkLeave(state, from, moved, isDirectory(moved.mode));
  const target = checkArrive(state, to, ends, mode);
  checkMove(state, moved, from, to);
  if (mode === "exchange" && replaced !== undefined) {
    checkMove(state, replaced, to, from);
    exchange(state, { source, from, moved, target, to, replaced });
    return;
  }
  if (replaced?.folder !== undefined && replaced.folder.count > 0) fail(errno.ENOTEMPTY, to);
  source.delete(from.name);
  if (replaced !== undefined) drop(state, replaced, to.directory);
  target.set(to.name, moved);
  settle(state, moved, from.directory, to.directory);
}

/** What stands at both ends. */
interface Ends {
  readonly moved: Inode;
  readonly replaced: Inode | undefined;
}

/** What can be said before anybody's rights are asked. */
function lookUpBoth(state: MemoryState, from: NameAt, to: NameAt, mode: RenameMode): Ends {
  checkSearch(state, from.directory, from.name, "rename");
  checkSearch(state, to.directory, to.name, "rename");
  if (from.directory.volume !== to.directory.volume) fail(errno.EXDEV, to);
  checkWritable(from.directory, { operation: "rename", name: from.name });
  const moved = state.child(from.directory, from.name);
  const replaced = state.child(to.directory, to.name);
  if (moved === undefined) fail(errno.ENOENT, from);
  if (mode === "no-replace" && replaced !== undefined) fail(errno.EEXIST, to);
  if (mode === "exchange" && replaced === undefined) fail(errno.ENOENT, to);
  if (isWithin(to.directory, moved)) fail(errno.EINVAL, from);
  if (replaced !== undefined && isWithin(from.directory, replaced)) {
    fail(mode === "exchange" ? errno.EINVAL : errno.ENOTEMPTY, to);
  }
  return { moved, replaced };
}

function fail(number: number, { name }: NameAt): never {
  throw new FsError(number, "rename", name);
}

/** What must hold for a file to leave its name; `asDirectory` is what the other one is. */
function checkLeave(
  state: MemoryState,
  from: NameAt,
  inode: Inode,
  asDirectory: boolean,
): Folder<Inode> {
  const { directory, name } = from;
  const folder = changeable(state, directory, name, "rename");
  checkSticky(state, directory, inode, { operation: "rename", name });
  if (asDirectory !== isDirectory(inode.mode)) {
    fail(asDirectory ? errno.ENOTDIR : errno.EISDIR, from);
  }
  return folder;
}

function checkArrive(
  state: MemoryState,
  to: NameAt,
  { moved, replaced }: Ends,
  mode: RenameMode,
): Folder<Inode> {
  if (replaced === undefined) return changeable(state, to.directory, to.name, "rename");
  const type = mode === "exchange" ? replaced.mode : moved.mode;
  return checkLeave(state, to, replaced, isDirectory(type));
}

/** A directory that gets another parent has its ".." rewritten; a mount point stays where it is. */
function checkMove(state: MemoryState, inode: Inode, from: NameAt, to: NameAt): void {
  if (isDirectory(inode.mode) && from.directory !== to.directory) {
    checkAccess(state, inode, mayWrite, { operation: "rename", name: from.name });
  }
  if (from.directory.folder?.get(from.name)?.mounted !== undefined) fail(errno.EBUSY, from);
  if (to.directory.folder?.get(to.name)?.mounted !== undefined) fail(errno.EBUSY, to);
}

function isWithin(directory: Inode, ancestor: Inode): boolean {
  for (let here = directory; ; ) {
    if (here === ancestor) return true;
    if (here.parent === undefined || here.parent === here) return false;
    here = here.parent;
  }
}

/** On a volume without case the same entry may get another spelling. */
function respell(state: MemoryState, from: NameAt, to: NameAt): void {
  const { folder } = from.directory;
  if (from.directory !== to.directory || from.name === to.name) return;
  if (folder === undefined || !folder.same(from.name, to.name)) return;
  const inode = changeable(state, from.directory, from.name, "rename").get(from.name);
  if (inode === undefined) return;
  folder.set(to.name, inode);
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
