// Making, naming and removing entries of a directory, and reading symlinks.

import type { ByteString } from "../../base/index.ts";
import { errno } from "../../native/index.ts";
import type { DirHandle, RenameMode } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  statxMask,
} from "./constants.ts";
import { type Kernel, textCapacity } from "./kernel.ts";

/** Where a symlink points; FileSystem.readLink. */
export function readLink(kernel: Kernel, dir: DirHandle, name: ByteString): ByteString {
  const length = kernel.call.readlinkat(
    dir,
    kernel.name(name, "readlinkat"),
    kernel.text,
    textCapacity,
  );
  if (length < 0) throw kernel.failure("readlinkat", name);
  // A full buffer may be a cut one.
  if (length === textCapacity) throw new FsError(errno.ENAMETOOLONG, "readlinkat", name);
  return kernel.takeText(length);
}

export function makeDirectory(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  mode: number,
): void {
  const result = kernel.call.mkdirat(dir, kernel.name(name, "mkdirat"), mode);
  if (result < 0) throw kernel.failure("mkdirat", name);
}

export function makeSymlink(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  target: ByteString,
): void {
  const result = kernel.call.symlinkat(
    kernel.secondPath(target, "symlinkat"),
    dir,
    kernel.name(name, "symlinkat"),
  );
  if (result < 0) throw kernel.failure("symlinkat", name);
}

/** FileSystem.makeNode. The device number is laid out as makedev(3) does: 12 + 20 bits in use by the kernel. */
export function makeNode(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  mode: number,
  rdevMajor: number,
  rdevMinor: number,
): void {
  if (rdevMajor > 0xfff || rdevMinor > 0xfffff) throw new FsError(errno.EINVAL, "mknodat", name);
  const device = (rdevMajor << 8) + (rdevMinor & 0xff) + (rdevMinor & 0xfff00) * 4096;
  const result = kernel.call.mknodat(dir, kernel.name(name, "mknodat"), mode, device);
  if (result < 0) throw kernel.failure("mknodat", name);
}

export function link(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  toDir: DirHandle,
  toName: ByteString,
): void {
  const result = kernel.call.linkat(
    dir,
    kernel.name(name, "linkat"),
    toDir,
    kernel.secondName(toName, "linkat"),
    0,
  );
  if (result < 0) throw kernel.failure("linkat", toName);
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
    if (kernel.call.renameat(dir, from, toDir, to) < 0) throw kernel.failure("renameat", name);
    return;
  }
  const flags = mode === "exchange" ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (kernel.call.renameat2(dir, from, toDir, to, flags) >= 0) return;
  const reason = kernel.errno();
  // The file system does not know the flag (NFS, old FUSE), or the kernel does not know the call.
  const unknown = reason === errno.EINVAL || reason === errno.ENOSYS || reason === errno.EOPNOTSUPP;
  if (mode === "exchange" || !unknown) throw new FsError(reason, "renameat2", name);
  renameUnlessTaken(kernel, { dir, name, from, toDir, toName, to });
}

/**
 * Renames without replacing where the file system cannot do it in one step: by a hard link, which never
 * replaces; for what cannot be linked (directories) by looking first, which a race can defeat.
 */
function renameUnlessTaken(
  kernel: Kernel,
  {
    dir,
    name,
    from,
    toDir,
    to,
  }: {
    dir: DirHandle;
    name: ByteString;
    from: number;
    toDir: DirHandle;
    toName: ByteString;
    to: number;
  },
): void {
  if (kernel.call.linkat(dir, from, toDir, to, 0) >= 0) {
    if (kernel.call.unlinkat(dir, from, 0) < 0) throw kernel.failure("unlinkat", name);
    return;
  }
  const reason = kernel.errno();
  if (reason !== errno.EPERM && reason !== errno.EOPNOTSUPP && reason !== errno.EMLINK) {
    throw new FsError(reason, "linkat", name);
  }
  if (kernel.call.statx(toDir, to, AT_SYMLINK_NOFOLLOW, statxMask, kernel.structure) >= 0) {
    throw new FsError(errno.EEXIST, "renameat", name);
  }
  if (kernel.call.renameat(dir, from, toDir, to) < 0) throw kernel.failure("renameat", name);
}

export function unlink(kernel: Kernel, dir: DirHandle, name: ByteString): void {
  const result = kernel.call.unlinkat(dir, kernel.name(name, "unlinkat"), 0);
  if (result < 0) throw kernel.failure("unlinkat", name);
}

export function removeDirectory(kernel: Kernel, dir: DirHandle, name: ByteString): void {
  const result = kernel.call.unlinkat(dir, kernel.name(name, "unlinkat"), AT_REMOVEDIR);
  if (result < 0) throw kernel.failure("unlinkat", name);
}
