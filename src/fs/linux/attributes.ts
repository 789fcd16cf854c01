// Setting permissions, owners and times; never through a symlink.
// chmod is the odd one out: Linux before 6.6 has no call that sets a mode without following, so
// there the entry is pinned by O_PATH, looked at, and changed through /proc/self/fd.

import type { ByteString } from "../../base/index.ts";
import { errno } from "../../native/index.ts";
import { isSymlink } from "../../tree/index.ts";
import type { DirHandle, FileHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_NOFOLLOW, O_PATH } from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { modeOfHandle } from "./stat.ts";

/** FileSystem.setMode. */
export function setMode(kernel: Kernel, dir: DirHandle, name: ByteString, mode: number): void {
  const address = kernel.name(name, "fchmodat2");
  if (kernel.hasFchmodat2) {
    if (kernel.call.fchmodat2(dir, address, mode, AT_SYMLINK_NOFOLLOW) < 0)
      throw kernel.failure("fchmodat2", name);
    return;
  }
  const pinned = kernel.call.openat(dir, address, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  if (pinned < 0) throw kernel.failure("openat", name);
  try {
    if (isSymlink(modeOfHandle(kernel, pinned))) throw new FsError(errno.EOPNOTSUPP, "chmod", name);
    if (kernel.call.chmod(pathOfHandle(kernel, pinned), mode) < 0)
      throw kernel.failure("chmod", name);
  } finally {
    kernel.call.close(pinned);
  }
}

/** FileSystem.setFileMode and setDirectoryMode. A directory that could only be pinned (O_PATH) goes through /proc. */
export function setHandleMode(kernel: Kernel, handle: DirHandle | FileHandle, mode: number): void {
  if (kernel.call.fchmod(handle, mode) >= 0) return;
  const reason = kernel.errno();
  if (reason !== errno.EBADF) throw new FsError(reason, "fchmod", "");
  if (kernel.call.chmod(pathOfHandle(kernel, handle), mode) < 0) throw kernel.failure("chmod", "");
}

export function setOwner(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  uid: number,
  gid: number,
): void {
  const result = kernel.call.fchownat(
    dir,
    kernel.name(name, "fchownat"),
    uid,
    gid,
    AT_SYMLINK_NOFOLLOW,
  );
  if (result < 0) throw kernel.failure("fchownat", name);
}

/** FileSystem.setFileOwner and setDirectoryOwner; works on O_PATH handles too. */
export function setHandleOwner(
  kernel: Kernel,
  handle: DirHandle | FileHandle,
  uid: number,
  gid: number,
): void {
  if (kernel.call.fchownat(handle, kernel.path("", "fchownat"), uid, gid, AT_EMPTY_PATH) < 0) {
    throw kernel.failure("fchownat", "");
  }
}

/** FileSystem.setTimes. */
export function setTimes(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  atime: number,
  atimeNanos: number,
  mtime: number,
  mtimeNanos: number,
): void {
  const address = kernel.name(name, "utimensat");
  const times = timePair(kernel, atime, atimeNanos, mtime, mtimeNanos);
  if (kernel.call.utimensat(dir, address, times, AT_SYMLINK_NOFOLLOW) < 0)
    throw kernel.failure("utimensat", name);
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
  if (kernel.call.futimens(handle, times) >= 0) return;
  const reason = kernel.errno();
  if (reason !== errno.EBADF) throw new FsError(reason, "futimens", "");
  if (kernel.call.utimensat(-100, pathOfHandle(kernel, handle), times, 0) < 0)
    throw kernel.failure("utimensat", "");
}

/** Fills two struct timespec (s64 seconds, long nanoseconds), access time first; returns their address. */
function timePair(
  kernel: Kernel,
  atime: number,
  atimeNanos: number,
  mtime: number,
  mtimeNanos: number,
): number {
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
export function pathOfHandle(kernel: Kernel, handle: number): number {
  return kernel.path(`/proc/self/fd/${handle}`, "open");
}
