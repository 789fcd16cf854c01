// Making, naming and removing entries of a directory, and reading symlinks.

import { type ByteString, errno } from "../../base/index.ts";
import type { Address } from "../../native/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { DirHandle, RenameMode } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { pathBytesMax } from "../path-limits.ts";
import { AT_REMOVEDIR, RENAME_EXCHANGE, RENAME_NOREPLACE } from "./constants.ts";
import { type Kernel, textCapacity } from "./kernel.ts";
import { identityOf, modeOfEntry } from "./stat.ts";

/** Where a symlink points; FileSystem.readLink. */
export function readLink(kernel: Kernel, dir: DirHandle, name: ByteString): ByteString {
  const path = kernel.name(name, "readlinkat");
  const { readlinkat } = kernel.call;
  const length = kernel.must("readlinkat", name, () =>
    readlinkat(dir, path, kernel.text, textCapacity),
  );
  // A full buffer may be a cut one.
  if (length === textCapacity) throw new FsError(errno.ENAMETOOLONG, "readlinkat", name);
  return kernel.takeText(length);
}

/** FileSystem.makeDirectory. */
export function makeDirectory(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  mode: number,
): void {
  const path = kernel.name(name, "mkdirat");
  kernel.must("mkdirat", name, () => kernel.call.mkdirat(dir, path, mode));
}

/** FileSystem.makeSymlink. */
export function makeSymlink(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  target: ByteString,
): void {
  const path = kernel.name(name, "symlinkat");
  const text = kernel.secondPath(target, "symlinkat");
  kernel.must("symlinkat", name, () => kernel.call.symlinkat(text, dir, path));
}

/**
 * FileSystem.makeNode. The device number is laid out as makedev(3) does; the kernel keeps 12 bits of the major and
 * 20 of the minor number.
 */
export function makeNode(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  mode: number,
  rdevMajor: number,
  rdevMinor: number,
): void {
  const path = kernel.name(name, "mknodat");
  if (rdevMajor > 0xfff || rdevMinor > 0xfffff) throw new FsError(errno.EINVAL, "mknodat", name);
  const device = (rdevMajor << 8) + (rdevMinor & 0xff) + (rdevMinor & 0xfff00) * 4096;
  kernel.must("mknodat", name, () => kernel.call.mknodat(dir, path, mode, device));
}

/** FileSystem.link. */
export function link(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  toDir: DirHandle,
  toName: ByteString,
): void {
  const from = kernel.name(name, "linkat");
  const to = kernel.secondName(toName, "linkat");
  kernel.must("linkat", toName, () => kernel.call.linkat(dir, from, toDir, to, 0));
}

/** FileSystem.rename. */
export function rename(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  toDir: DirHandle,
  toName: ByteString,
  mode: RenameMode,
): void {
  const from = kernel.name(name, "renameat2");
  const to = kernel.secondName(toName, "renameat2");
  if (mode === "replace") {
    kernel.must("renameat", name, () => kernel.call.renameat(dir, from, toDir, to));
    return;
  }
  const flags = mode === "exchange" ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  const { renameat2 } = kernel.call;
  if (kernel.attempt(() => renameat2(dir, from, toDir, to, flags)) >= 0) return;
  const reason = kernel.lastErrno;
  // The file system does not know the flag (NFS, old FUSE), or the kernel does not know the call.
  const isUnknown =
    reason === errno.EINVAL || reason === errno.ENOSYS || reason === errno.EOPNOTSUPP;
  const failure = kernel.failure("renameat2", name);
  if (mode === "exchange" || !isUnknown || leadsInto(kernel, toDir, dir, from)) throw failure;
  renameUnlessTaken(kernel, name, { dir, from, toDir, to: kernel.secondName(toName, "renameat2") });
}

/**
 * Says whether the entry is the pinned directory or one above it: into itself nothing can be moved (EINVAL, too).
 * Uses the memory of the second name.
 */
function leadsInto(kernel: Kernel, toDir: DirHandle, dir: DirHandle, from: Address): boolean {
  const entry = identityOf(kernel, dir, from);
  for (let path = ".", last = ""; entry !== ""; path = path === "." ? ".." : `../${path}`) {
    const here = identityOf(kernel, toDir, kernel.secondPath(path, "statx"));
    if (here === entry) return true;
    if (here === last || here === "" || path.length >= pathBytesMax - 3) return false;
    last = here;
  }
  return false;
}

/** Two names as a call takes them. */
interface Ends {
  readonly dir: DirHandle;
  readonly from: Address;
  readonly toDir: DirHandle;
  readonly to: Address;
}

/**
 * Renames without replacing where the file system cannot do it in one step: by a hard link, which never replaces; a
 * directory by making an empty one at the new name, which a rename may replace as long as nobody put anything into
 * it. Only where a file can neither be linked (FAT, another's file) nor is a directory it is looked first, which a race
 * can defeat.
 */
function renameUnlessTaken(kernel: Kernel, name: ByteString, ends: Ends): void {
  const { call } = kernel;
  const { dir, from, toDir, to } = ends;
  if (kernel.attempt(() => call.linkat(dir, from, toDir, to, 0)) >= 0) {
    if (kernel.attempt(() => call.unlinkat(dir, from, 0)) >= 0) return;
    const failure = kernel.failure("unlinkat", name);
    kernel.attempt(() => call.unlinkat(toDir, to, 0));
    throw failure;
  }
  const reason = kernel.lastErrno;
  if (reason !== errno.EPERM && reason !== errno.EOPNOTSUPP && reason !== errno.EMLINK) {
    throw kernel.failure("linkat", name);
  }
  if (modeOfEntry(kernel, toDir, to) >= 0) throw new FsError(errno.EEXIST, "renameat", name);
  if (isDirectory(modeOfEntry(kernel, dir, from))) moveDirectory(kernel, name, ends);
  else kernel.must("renameat", name, () => call.renameat(dir, from, toDir, to));
}

function moveDirectory(kernel: Kernel, name: ByteString, { dir, from, toDir, to }: Ends): void {
  const { call } = kernel;
  kernel.must("mkdirat", name, () => call.mkdirat(toDir, to, 0o700));
  if (kernel.attempt(() => call.renameat(dir, from, toDir, to)) >= 0) return;
  const failure = kernel.failure("renameat", name);
  // If somebody put something into it meanwhile it is theirs now; the first error is the one to tell.
  kernel.attempt(() => call.unlinkat(toDir, to, AT_REMOVEDIR));
  throw failure;
}

/** FileSystem.unlink. */
export function unlink(kernel: Kernel, dir: DirHandle, name: ByteString): void {
  const path = kernel.name(name, "unlinkat");
  kernel.must("unlinkat", name, () => kernel.call.unlinkat(dir, path, 0));
}

/** FileSystem.removeDirectory. */
export function removeDirectory(kernel: Kernel, dir: DirHandle, name: ByteString): void {
  const path = kernel.name(name, "unlinkat");
  kernel.must("unlinkat", name, () => kernel.call.unlinkat(dir, path, AT_REMOVEDIR));
}
