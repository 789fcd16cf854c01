// Flushing to the device, and how much room is left on it.

import { errno } from "../../base/index.ts";
import type { DirHandle, FileHandle } from "../file-system.ts";
import type { Kernel } from "./kernel.ts";

/** FileSystem.syncFile. EIO is never retried: the kernel tells it once and then forgets the pages. */
export function syncFile(kernel: Kernel, file: FileHandle): void {
  kernel.must("fsync", "", () => kernel.call.fsync(file));
}

/** FileSystem.syncDirectory. */
export function syncDirectory(kernel: Kernel, dir: DirHandle): void {
  if (kernel.attempt(() => kernel.call.fsync(dir)) >= 0) return;
  // File systems that write names at once know no flushing of directories.
  if (kernel.lastErrno === errno.EINVAL) return;
  if (kernel.lastErrno !== errno.EBADF) throw kernel.failure("fsync", "");
  syncFileSystem(kernel, dir);
}

/** FileSystem.syncFileSystem. */
export function syncFileSystem(kernel: Kernel, dir: DirHandle): void {
  if (kernel.attempt(() => kernel.call.syncfs(dir)) >= 0) return;
  // A directory that could only be pinned (O_PATH) cannot be asked; flush everything instead.
  if (kernel.lastErrno !== errno.EBADF) throw kernel.failure("syncfs", "");
  kernel.call.sync();
}

/**
 * FileSystem.freeBytes. struct statvfs on 64-bit machines (sys/statvfs.h), in words of 4 bytes: fragment size 2,
 * free blocks 6, free blocks for ordinary users 8.
 */
export function freeBytes(kernel: Kernel, dir: DirHandle): number {
  kernel.must("fstatvfs", "", () => kernel.call.fstatvfs(dir, kernel.structure));
  const { words } = kernel;
  const free = kernel.call.geteuid() === 0 ? 6 : 8;
  const blocks = words[free] + words[free + 1] * 4294967296;
  return (words[2] + words[3] * 4294967296) * blocks;
}
