// Opening files, and reading and writing their bytes at given positions.

import { assert, type ByteString, errno } from "../../base/index.ts";
import { isDevice, isRegular } from "../../tree/index.ts";
import type { DirHandle, FileHandle, Follow } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import {
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOATIME,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { openConfined } from "./open-directory.ts";
import { readOperatorFile } from "./operator-path.ts";
import { modeOfHandle } from "./stat.ts";

const createFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

/** Opens for reading; FileSystem.openRead. O_NONBLOCK keeps a FIFO without a writer from blocking us. */
export function openRead(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  options: { noAtime?: boolean; follow?: Follow } | undefined,
): FileHandle {
  const follow = options?.follow ?? "none";
  const flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (follow === "none" ? O_NOFOLLOW : 0);
  if ((follow === "trusted" || follow === "bounded") && !kernel.links.insecure) {
    kernel.name(name, "openat");
    return readOperatorFile(kernel, dir, name, flags, follow);
  }
  if (options?.noAtime === true) {
    const handle = tryOpen(kernel, dir, name, flags | O_NOATIME, follow);
    if (handle >= 0) return handle;
    // Only a file's owner may ask for that.
    if (kernel.lastErrno !== errno.EPERM) throw kernel.failure("openat", name);
  }
  const handle = tryOpen(kernel, dir, name, flags, follow);
  if (handle < 0) throw kernel.failure("openat", name);
  return handle;
}

/** Returns -1 with lastErrno set on failure. */
function tryOpen(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  flags: number,
  follow: Follow,
): number {
  if (follow === "beneath") {
    kernel.name(name, "openat2");
    return openConfined(kernel, dir, name, { flags, follow });
  }
  const path = kernel.name(name, "openat");
  return kernel.attempt(() => kernel.call.openat(dir, path, flags, 0));
}

/** Creates a new file; FileSystem.createFile. */
export function createFile(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  mode: number,
): FileHandle {
  const path = kernel.name(name, "openat");
  const { openat } = kernel.call;
  return kernel.must("openat", name, () => openat(dir, path, createFlags, mode));
}

/** Opens an existing regular file for reading and writing; FileSystem.openWrite. */
export function openWrite(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  devices = false,
): FileHandle {
  const handle = tryOpen(kernel, dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, "none");
  if (handle < 0) throw kernel.failure("openat", name);
  try {
    const mode = modeOfHandle(kernel, handle);
    if (isRegular(mode) || (devices && isDevice(mode))) return handle;
  } catch (error) {
    kernel.call.close(handle);
    throw error;
  }
  kernel.call.close(handle);
  throw new FsError(errno.EINVAL, "openat", name);
}

/**
 * Closes a file. Linux releases it whatever close says, so EINTR is not repeated: the number may be
 * another file's already (close(2)). Other errors tell of lost writes (NFS, quota) and are thrown.
 */
export function closeFile(kernel: Kernel, file: FileHandle): void {
  if (kernel.call.close(file) < 0 && !kernel.interrupted()) throw kernel.failure("close", "");
}

/** Reads once at a position; FileSystem.read. */
export function read(
  kernel: Kernel,
  file: FileHandle,
  into: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  assert(
    offset >= 0 && length >= 0 && offset + length <= into.length,
    "A read stays inside its buffer.",
  );
  if (length === 0) return 0;
  const address = kernel.address(into) + offset;
  let count: number;
  do count = kernel.call.pread(file, address, length, position);
  while (count < 0 && kernel.interrupted());
  if (count < 0) throw kernel.failure("pread", "");
  return count;
}

/** Writes everything at a position; FileSystem.write. */
export function write(
  kernel: Kernel,
  file: FileHandle,
  from: Uint8Array,
  offset: number,
  length: number,
  position: number,
): void {
  assert(
    offset >= 0 && length >= 0 && offset + length <= from.length,
    "A write stays inside its buffer.",
  );
  if (length === 0) return;
  const address = kernel.address(from) + offset;
  let done = 0;
  while (done < length) {
    const count = kernel.call.pwrite(file, address + done, length - done, position + done);
    if (count > 0) done += count;
    // A device that takes nothing and says nothing would keep us here for ever.
    else if (count === 0) throw new FsError(errno.EIO, "pwrite", "");
    else if (!kernel.interrupted()) throw kernel.failure("pwrite", "");
  }
}

/** Sets the size; FileSystem.truncate. */
export function truncate(kernel: Kernel, file: FileHandle, size: number): void {
  kernel.must("ftruncate", "", () => kernel.call.ftruncate(file, size));
}
