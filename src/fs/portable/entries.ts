// Making, naming and removing entries by node:fs.

import {
  linkSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { type ByteString, errno } from "../../base/index.ts";
import type { DirHandle, RenameMode } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { errnoOf, perform } from "./perform.ts";
import { entryPath, type Pins } from "./pins.ts";
import { look } from "./read-attributes.ts";
import { checkName, checkPath } from "./walk.ts";

/** FileSystem.readLink. */
export function readLink(pins: Pins, dir: DirHandle, name: ByteString): ByteString {
  checkName(name, "readlink");
  const path = entryPath(pins, dir, name);
  return perform("readlink", name, () => readlinkSync(path, { encoding: "latin1" }));
}

/** FileSystem.makeDirectory. */
export function makeDirectory(pins: Pins, dir: DirHandle, name: ByteString, mode: number): void {
  checkName(name, "mkdir");
  perform("mkdir", name, () => mkdirSync(entryPath(pins, dir, name), { mode }));
}

/** FileSystem.makeSymlink. */
export function makeSymlink(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  target: ByteString,
): void {
  checkName(name, "symlink");
  checkPath(target, "symlink");
  const bytes = Buffer.from(target, "latin1");
  perform("symlink", name, () => symlinkSync(bytes, entryPath(pins, dir, name)));
}

/** FileSystem.makeNode: node:fs has no way to make one. */
export function makeNode(pins: Pins, dir: DirHandle, name: ByteString): never {
  checkName(name, "mknod");
  const isTaken = look(pins, dir, name, "mknod") !== undefined;
  throw new FsError(isTaken ? errno.EEXIST : errno.EOPNOTSUPP, "mknod", name);
}

/** FileSystem.unlink. */
export function unlink(pins: Pins, dir: DirHandle, name: ByteString): void {
  checkName(name, "unlink");
  try {
    perform("unlink", name, () => unlinkSync(entryPath(pins, dir, name)));
  } catch (error) {
    // What other systems say of a directory.
    const isForbidden = error instanceof FsError && error.errno === errno.EPERM;
    if (isForbidden && look(pins, dir, name, "unlink")?.isDirectory()) {
      throw new FsError(errno.EISDIR, "unlink", name);
    }
    throw error;
  }
}

/** FileSystem.removeDirectory. */
export function removeDirectory(pins: Pins, dir: DirHandle, name: ByteString): void {
  checkName(name, "rmdir");
  perform("rmdir", name, () => rmdirSync(entryPath(pins, dir, name)));
}

/** Two entries. */
export interface Names {
  readonly dir: DirHandle;
  readonly name: ByteString;
  readonly toDir: DirHandle;
  readonly toName: ByteString;
}

/** FileSystem.link. */
export function link(pins: Pins, { dir, name, toDir, toName }: Names): void {
  checkName(name, "link");
  checkName(toName, "link");
  const to = entryPath(pins, toDir, toName);
  perform("link", toName, () => linkSync(entryPath(pins, dir, name), to));
}

/** FileSystem.rename. */
export function rename(pins: Pins, names: Names, mode: RenameMode): void {
  const { dir, name, toDir, toName } = names;
  checkName(name, "rename");
  checkName(toName, "rename");
  const ends = {
    name,
    from: entryPath(pins, dir, name),
    to: entryPath(pins, toDir, toName),
  };
  if (mode === "replace") replace(ends);
  else if (mode === "no-replace") moveUnlessTaken(pins, names, ends);
  else {
    // Nothing that node:fs can do comes near; but a name that cannot be is refused for what it is.
    look(pins, toDir, toName, "rename");
    throw new FsError(errno.EOPNOTSUPP, "rename", name);
  }
}

interface Ends {
  readonly name: ByteString;
  readonly from: Buffer;
  readonly to: Buffer;
}

function replace({ name, from, to }: Ends): void {
  perform("rename", name, () => renameSync(from, to));
}

/**
 * Renames without replacing: by a hard link, which never replaces; a directory by making an empty one at the new name,
 * which a rename may replace as long as nobody put anything into it. Only where a file can neither be linked
 * (FAT, another's file) nor is a directory it is looked first, which a race can defeat.
 */
function moveUnlessTaken(pins: Pins, names: Names, ends: Ends): void {
  const { dir, name, toDir, toName } = names;
  try {
    perform("link", toName, () => linkSync(ends.from, ends.to));
  } catch (error) {
    if (!(error instanceof FsError) || !mayBeUnlinkable(error)) throw error;
    if (look(pins, toDir, toName, "rename") !== undefined) {
      throw new FsError(errno.EEXIST, "rename", toName);
    }
    if (look(pins, dir, name, "rename")?.isDirectory()) moveDirectory(ends);
    else replace(ends);
    return;
  }
  attempt(
    () => perform("unlink", name, () => unlinkSync(ends.from)),
    () => unlinkSync(ends.to),
  );
}

function mayBeUnlinkable({ errno: number }: FsError): boolean {
  const { EPERM, EISDIR, EOPNOTSUPP, ENOSYS, EMLINK } = errno;
  return [EPERM, EISDIR, EOPNOTSUPP, ENOSYS, EMLINK].includes(number);
}

function moveDirectory(ends: Ends): void {
  perform("mkdir", ends.name, () => mkdirSync(ends.to, { mode: 0o700 }));
  attempt(
    () => replace(ends),
    () => rmdirSync(ends.to),
  );
}

/** Does the second step of a move; if it fails, the first is undone and the first error is the one to tell. */
function attempt(step: () => void, undo: () => void): void {
  try {
    step();
  } catch (error) {
    try {
      undo();
    } catch (leftOver) {
      // Somebody put something in its place meanwhile, or into it: theirs now.
      if (errnoOf(leftOver) === undefined) throw leftOver;
    }
    throw error;
  }
}
