// Parts of files that the kernel handles by itself: holes, reserved space, copies and shared blocks.

import { errno } from "../../native/index.ts";
import type { FileHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import {
  AT_EMPTY_PATH,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FICLONE,
  SEEK_DATA,
  SEEK_HOLE,
  statxMask,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";

/** What a call says that this file system or kernel does not have. */
function unsupported(reason: number): boolean {
  return reason === errno.EOPNOTSUPP || reason === errno.ENOSYS;
}

/** FileSystem.allocate. */
export function allocate(
  kernel: Kernel,
  file: FileHandle,
  offset: number,
  length: number,
): boolean {
  return fallocate(kernel, file, FALLOC_FL_KEEP_SIZE, offset, length);
}

/** FileSystem.punchHole. */
export function punchHole(
  kernel: Kernel,
  file: FileHandle,
  offset: number,
  length: number,
): boolean {
  return fallocate(kernel, file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length);
}

function fallocate(
  kernel: Kernel,
  file: FileHandle,
  mode: number,
  offset: number,
  length: number,
): boolean {
  // The kernel calls an empty range invalid.
  if (length === 0) return true;
  let result: number;
  do result = kernel.call.fallocate(file, mode, offset, length);
  while (result < 0 && kernel.interrupted());
  if (result >= 0) return true;
  if (unsupported(kernel.lastErrno)) return false;
  throw new FsError(kernel.lastErrno, "fallocate", "");
}

/** FileSystem.seekData. */
export function seekData(kernel: Kernel, file: FileHandle, offset: number): number {
  const found = kernel.call.lseek(file, offset, SEEK_DATA);
  if (found >= 0) return found;
  const reason = kernel.errno();
  if (reason === errno.ENXIO) return -1;
  // The file system cannot tell; to be safe everything is data.
  if (reason === errno.EINVAL || unsupported(reason)) return offset;
  throw new FsError(reason, "lseek", "");
}

/** FileSystem.seekHole. */
export function seekHole(kernel: Kernel, file: FileHandle, offset: number): number {
  const found = kernel.call.lseek(file, offset, SEEK_HOLE);
  if (found >= 0) return found;
  const reason = kernel.errno();
  if (reason === errno.ENXIO) return offset;
  if (reason !== errno.EINVAL && !unsupported(reason)) throw new FsError(reason, "lseek", "");
  if (
    kernel.call.statx(file, kernel.path("", "statx"), AT_EMPTY_PATH, statxMask, kernel.structure) <
    0
  ) {
    throw kernel.failure("statx", "");
  }
  return Math.max(offset, kernel.words[10] + kernel.words[11] * 4294967296);
}

/** FileSystem.copyRange. */
export function copyRange(
  kernel: Kernel,
  from: FileHandle,
  fromPosition: number,
  to: FileHandle,
  toPosition: number,
  length: number,
): number {
  const { words, structure } = kernel;
  let count: number;
  do {
    // The kernel moves these on, also when it copied only a part.
    words[0] = fromPosition;
    words[1] = fromPosition / 4294967296;
    words[2] = toPosition;
    words[3] = toPosition / 4294967296;
    count = kernel.call.copy_file_range(from, structure, to, structure + 8, length, 0);
  } while (count < 0 && kernel.interrupted());
  if (count >= 0) return count;
  const reason = kernel.lastErrno;
  // EPERM is what a seccomp filter says; a file that truly may not be written says so to write again.
  if (
    reason === errno.EXDEV ||
    reason === errno.EINVAL ||
    reason === errno.EPERM ||
    unsupported(reason)
  )
    return -1;
  throw new FsError(reason, "copy_file_range", "");
}

/** FileSystem.clone. */
export function clone(kernel: Kernel, from: FileHandle, to: FileHandle): boolean {
  let result: number;
  do result = kernel.call.ioctl(to, FICLONE, from);
  while (result < 0 && kernel.interrupted());
  if (result >= 0) return true;
  const reason = kernel.lastErrno;
  const cannot =
    reason === errno.EXDEV ||
    reason === errno.EINVAL ||
    reason === errno.ENOTTY ||
    reason === errno.EPERM;
  if (cannot || unsupported(reason)) return false;
  throw new FsError(reason, "ioctl", "");
}
