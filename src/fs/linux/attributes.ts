// Setting permissions, owners and times; never through a symlink.
// chmod is the odd one out: Linux before 6.6 has no call that sets a mode without following, so
// there the entry is pinned by O_PATH, looked at, and changed through /proc/self/fd.

import { type ByteString, errno } from "../../base/index.ts";
import type { Address } from "../../native/index.ts";
import { isSymlink } from "../../tree/index.ts";
import type { DirHandle, FileHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_NOFOLLOW,
  O_PATH,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { modeOfHandle } from "./stat.ts";

/** FileSystem.setMode. */
export function setMode(kernel: Kernel, dir: DirHandle, name: ByteString, mode: number): void {
  const path = kernel.name(name, "fchmodat2");
  const { call } = kernel;
  if (kernel.hasFchmodat2) {
    kernel.must("fchmodat2", name, () => call.fchmodat2(dir, path, mode, AT_SYMLINK_NOFOLLOW));
    return;
  }
  const flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  const pinned = kernel.must("openat", name, () => call.openat(dir, path, flags, 0));
  try {
    if (isSymlink(modeOfHandle(kernel, pinned))) {
      throw new FsError(errno.EOPNOTSUPP, "chmod", name);
    }
    const link = pathOfHandle(kernel, pinned);
    kernel.must("chmod", name, () => call.chmod(link, mode));
  } finally {
    call.close(pinned);
  }
}

/**
 * FileSystem.setFileMode and setDirectoryMode. A directory that could only be pinned (O_PATH) gives EBADF and is
 * reached through /proc.
 */
export function setHandleMode(kernel: Kernel, handle: DirHandle | FileHandle, mode: number): void {
  if (kernel.attempt(() => kernel.call.fchmod(handle, mode)) >= 0) return;
  if (kernel.lastErrno !== errno.EBADF) throw kernel.failure("fchmod", "");
  const link = pathOfHandle(kernel, handle);
  if (kernel.attempt(() => kernel.call.chmod(link, mode)) < 0) throw badHandle(kernel, "fchmod");
}

/** FileSystem.setOwner. */
export function setOwner(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  uid: number,
  gid: number,
): void {
  const path = kernel.name(name, "fchownat");
  const { fchownat } = kernel.call;
  kernel.must("fchownat", name, () => fchownat(dir, path, uid, gid, AT_SYMLINK_NOFOLLOW));
}

/** FileSystem.setFileOwner and setDirectoryOwner; works on O_PATH handles too. */
export function setHandleOwner(
  kernel: Kernel,
  handle: DirHandle | FileHandle,
  uid: number,
  gid: number,
): void {
  const path = kernel.path("", "fchownat");
  const { fchownat } = kernel.call;
  kernel.must("fchownat", "", () => fchownat(handle, path, uid, gid, AT_EMPTY_PATH));
}

/** FileSystem.setTimes, whose parameters are a hot loop's: no object for each file. */
export function setTimes(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  atime: number,
  atimeNanos: number,
  mtime: number,
  mtimeNanos: number,
): void {
  const path = kernel.name(name, "utimensat");
  const times = timePair(kernel, atime, atimeNanos, mtime, mtimeNanos);
  const { utimensat } = kernel.call;
  kernel.must("utimensat", name, () => utimensat(dir, path, times, AT_SYMLINK_NOFOLLOW));
}

/** FileSystem.setFileTimes and setDirectoryTimes. */
export function setHandleTimes(
  kernel: Kernel,
  handle: DirHandle | FileHandle,
  atime: number,
  atimeNanos: number,
  mtime: number,
  mtimeNanos: number,
): void {
  const times = timePair(kernel, atime, atimeNanos, mtime, mtimeNanos);
  const { futimens, utimensat } = kernel.call;
  if (kernel.attempt(() => futimens(handle, times)) >= 0) return;
  if (kernel.lastErrno !== errno.EBADF) throw kernel.failure("futimens", "");
  const link = pathOfHandle(kernel, handle);
  if (kernel.attempt(() => utimensat(AT_FDCWD, link, times, 0)) < 0) {
    throw badHandle(kernel, "futimens");
  }
}

/** Fills two struct timespec (s64 seconds, long nanoseconds), access time first; returns their address. */
export function timePair(
  kernel: Kernel,
  atime: number,
  atimeNanos: number,
  mtime: number,
  mtimeNanos: number,
): Address {
  const { words } = kernel;
  words[0] = atime;
  words[1] = Math.floor(atime / 4294967296);
  words[2] = atimeNanos;
  words[3] = 0;
  words[4] = mtime;
  words[5] = Math.floor(mtime / 4294967296);
  words[6] = mtimeNanos;
  words[7] = 0;
  return kernel.structure;
}

/** The address of "/proc/self/fd/N", which leads to the very file that the handle pins. */
function pathOfHandle(kernel: Kernel, handle: number): Address {
  return kernel.path(`/proc/self/fd/${handle}`, "open");
}

/** A handle that is not open has no link in /proc: what was wrong is the handle. */
function badHandle(kernel: Kernel, operation: string): FsError {
  const reason = kernel.lastErrno === errno.ENOENT ? errno.EBADF : kernel.lastErrno;
  return new FsError(reason, operation, "");
}
