// Parts of files that the kernel handles by itself: holes, reserved space, copies and shared blocks.

import { errno } from "../../base/index.ts";
import { hasChangeTimes } from "../change-times.ts";
import type { DirHandle, FileHandle } from "../file-system.ts";
import {
  BTRFS_SUPER_MAGIC,
  EXT4_SUPER_MAGIC,
  F2FS_SUPER_MAGIC,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FICLONE,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  TMPFS_MAGIC,
  XFS_SUPER_MAGIC,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { sizeOfHandle } from "./stat.ts";

/** What a call says that this file system or kernel does not have. */
function isUnsupported(reason: number): boolean {
  return reason === errno.EOPNOTSUPP || reason === errno.ENOSYS;
}

/**
 * What the kernel says when it will not copy between these two files. EPERM is a seccomp filter's word; a file
 * that truly may not be written will say so again when the caller writes.
 */
function isDeclined(reason: number): boolean {
  return (
    isUnsupported(reason) ||
    reason === errno.EXDEV ||
    reason === errno.EINVAL ||
    reason === errno.EPERM
  );
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
  if (kernel.attempt(() => kernel.call.fallocate(file, mode, offset, length)) >= 0) return true;
  if (isUnsupported(kernel.lastErrno)) return false;
  throw kernel.failure("fallocate", "");
}

/** FileSystem.seekData. */
export function seekData(kernel: Kernel, file: FileHandle, offset: number): number {
  const found = kernel.attempt(() => kernel.call.lseek(file, offset, SEEK_DATA));
  if (found >= 0) return found;
  const reason = kernel.lastErrno;
  if (reason === errno.ENXIO) return -1;
  // The file system cannot tell; to be safe everything is data.
  if (reason === errno.EINVAL || isUnsupported(reason)) return offset;
  throw kernel.failure("lseek", "");
}

/** FileSystem.seekHole. Beyond the end everything is a hole. */
export function seekHole(kernel: Kernel, file: FileHandle, offset: number): number {
  const found = kernel.attempt(() => kernel.call.lseek(file, offset, SEEK_HOLE));
  if (found >= 0) return found;
  const reason = kernel.lastErrno;
  if (reason === errno.ENXIO) return offset;
  if (reason !== errno.EINVAL && !isUnsupported(reason)) throw kernel.failure("lseek", "");
  return Math.max(offset, sizeOfHandle(kernel, file));
}

/** FileSystem.deviceSize. Character devices that cannot seek have none. */
export function deviceSize(kernel: Kernel, file: FileHandle): number {
  const end = kernel.attempt(() => kernel.call.lseek(file, 0, SEEK_END));
  return Math.max(end, 0);
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
  const count = kernel.attempt(() => {
    // The kernel moves these on, also when it copied only a part.
    words[0] = fromPosition;
    words[1] = fromPosition / 4294967296;
    words[2] = toPosition;
    words[3] = toPosition / 4294967296;
    return kernel.call.copy_file_range(from, structure, to, structure + 8, length, 0);
  });
  if (count >= 0) return count;
  if (isDeclined(kernel.lastErrno)) return -1;
  throw kernel.failure("copy_file_range", "");
}

/** File systems whose content is in this machine's memory or on its discs. */
const localTypes: ReadonlySet<number> = new Set([
  TMPFS_MAGIC,
  EXT4_SUPER_MAGIC,
  XFS_SUPER_MAGIC,
  BTRFS_SUPER_MAGIC,
  F2FS_SUPER_MAGIC,
]);

/** FileSystem.copiesThroughMemory. */
export function copiesThroughMemory(kernel: Kernel, file: FileHandle): boolean {
  return localTypes.has(typeOf(kernel, file));
}

/** FileSystem.stampsChanges. */
export function stampsChanges(kernel: Kernel, handle: DirHandle | FileHandle): boolean {
  return hasChangeTimes(typeOf(kernel, handle));
}

/** The type of a handle's file system, 0 where the kernel does not tell. struct statfs on 64-bit machines begins with it. */
export function typeOf(kernel: Kernel, handle: DirHandle | FileHandle): number {
  if (kernel.attempt(() => kernel.call.fstatfs(handle, kernel.structure)) < 0) return 0;
  return kernel.words[0] as number;
}

/** FileSystem.clone. */
export function clone(kernel: Kernel, from: FileHandle, to: FileHandle): boolean {
  if (kernel.attempt(() => kernel.call.ioctl(to, FICLONE, from)) >= 0) return true;
  const reason = kernel.lastErrno;
  if (isDeclined(reason) || reason === errno.ENOTTY) return false;
  throw kernel.failure("ioctl", "");
}
