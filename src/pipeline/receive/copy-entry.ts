// Copies one non-directory of the target to another place of the machine, attributes and all: for
// backups that cannot be hard links. The copy gets its name when it is complete.

import type { ByteString } from "../../base/index.ts";
import {
  closeRead,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
  type Stat,
} from "../../fs/index.ts";
import { isRegular, isSymlink, permissionMask, typeMask, type Xattr } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";
import { temporaryName, unlinkIfThere } from "./temporary-name.ts";

const pieceBytes = 8 * 1024 * 1024;
const bufferBytes = 256 * 1024;
let buffer: Uint8Array | undefined;

/** An entry and its attributes. */
export interface StandingEntry {
  readonly dir: DirHandle;
  readonly name: ByteString;
  readonly stat: Stat;
}

/** Reads the extended attributes that are kept with an entry; undefined = none are. */
export type XattrReader = ((dir: DirHandle, name: ByteString) => readonly Xattr[]) | undefined;

/** Copies `from` to `to`, in the place of a non-directory that stands there. Throws FsError. */
export function copyEntry(
  context: ReceiveContext,
  from: StandingEntry,
  to: { readonly dir: DirHandle; readonly name: ByteString },
  xattrsOf: XattrReader,
): void {
  const { fs } = context;
  const temporary = temporaryName(to.name);
  unlinkIfThere(fs, to.dir, temporary);
  try {
    const { mode, rdevMajor, rdevMinor } = from.stat;
    if (isRegular(mode)) copyFile(context, from, to.dir, temporary);
    else if (isSymlink(mode)) fs.makeSymlink(to.dir, temporary, fs.readLink(from.dir, from.name));
    else fs.makeNode(to.dir, temporary, (mode & typeMask) | 0o600, rdevMajor, rdevMinor);
    copyAttributes(context, from, to.dir, temporary, xattrsOf);
    fs.rename(to.dir, temporary, to.dir, to.name);
  } catch (error) {
    unlinkIfThere(fs, to.dir, temporary);
    throw error;
  }
}

function copyFile(
  context: ReceiveContext,
  from: StandingEntry,
  toDir: DirHandle,
  temporary: ByteString,
): void {
  const { fs, options } = context;
  const source = fs.openRead(from.dir, from.name);
  try {
    const target = fs.createFile(toDir, temporary, 0o600);
    try {
      copyBytes(fs, source, target);
      if (options.fsync) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
  } finally {
    closeRead(fs, source);
  }
}

function copyBytes(fs: FileSystem, source: FileHandle, target: FileHandle): void {
  if (fs.abilities.kernelCopy && fs.clone(source, target)) return;
  let position = 0;
  for (;;) {
    const copied = fs.copyRange(source, position, target, position, pieceBytes);
    if (copied < 0) break;
    if (copied === 0) return;
    position += copied;
  }
  buffer ??= new Uint8Array(bufferBytes);
  for (;;) {
    const got = fs.read(source, buffer, 0, bufferBytes, position);
    if (got === 0) return;
    fs.write(target, buffer, 0, got, position);
    position += got;
  }
}

function copyAttributes(
  { fs, options }: ReceiveContext,
  { dir, name, stat }: StandingEntry,
  toDir: DirHandle,
  toName: ByteString,
  xattrsOf: XattrReader,
): void {
  const { mode, atime, atimeNanos, mtime, mtimeNanos } = stat;
  try {
    fs.setOwner(toDir, toName, stat.uid, stat.gid);
  } catch (error) {
    // An unprivileged run keeps what it can.
    if (!(error instanceof FsError) || options.superUser) throw error;
  }
  if (!isSymlink(mode)) fs.setMode(toDir, toName, mode & permissionMask);
  for (const xattr of xattrsOf?.(dir, name) ?? []) {
    fs.setXattr(toDir, toName, xattr.name, xattr.value);
  }
  fs.setTimes(toDir, toName, atime, atimeNanos, mtime, mtimeNanos);
}
