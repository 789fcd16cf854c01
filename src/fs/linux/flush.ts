// Flushing to the device, and how much room is left on it.

import { errno } from "../../native/index.ts";
import type { DirHandle, FileHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Kernel } from "./kernel.ts";

/** FileSystem.syncFile. EIO is never retried: the kernel tells it once and then forgets the pages. */
export function syncFile(kernel: Kernel, file: FileHandle): void {
  let result: number;
  do result = kernel.call.fsync(file);
  while (result < 0 && kernel.interrupted());
  if (result < 0) throw new FsError(kernel.lastErrno, "fsync", "");
}

/** FileSystem.syncFileSystem. */
export function syncFileSystem(kernel: Kernel, dir: DirHandle): void {
  let result: number;
  do result = kernel.call.syncfs(dir);
  while (result < 0 && kernel.interrupted());
  if (result >= 0) return;
  // A directory that could only be pinned (O_PATH) cannot be asked; flush everything instead.
  if (kernel.lastErrno === errno.EBADF) kernel.call.sync();
  else throw new FsError(kernel.lastErrno, "syncfs", "");
}

/**
 * FileSystem.freeBytes. struct statvfs on 64-bit machines (sys/statvfs.h), in words of 4 bytes: fragment size 2, free blocks 6,
 * free blocks for ordinary users 8.
 */
export function freeBytes(kernel: Kernel, dir: DirHandle): number {
  if (kernel.call.fstatvfs(dir, kernel.structure) < 0) throw kernel.failure("fstatvfs", "");
  const { words } = kernel;
  const free = kernel.call.geteuid() === 0 ? 6 : 8;
  return (words[2] + words[3] * 4294967296) * (words[free] + words[free + 1] * 4294967296);
}
