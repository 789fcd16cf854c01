// Pinning directories. A pinned directory is a descriptor open for reading; where the directory
// may be searched but not read, an O_PATH one.
//
// Confinement: nothing between `dir` and the result is a symlink ("none") or leads outside
// ("beneath"), whatever happens to the tree meanwhile. The kernel does it in one call (openat2);
// without that call walk.ts goes one component at a time.

import { type ByteString, errno } from "../../base/index.ts";
import type { DirHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { cutPath, pathBytesMax, walkBytesMax } from "../path-limits.ts";
import {
  F_DUPFD_CLOEXEC,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { linksMax, walk } from "./walk.ts";

/** For a directory that is read. */
export const directoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
/** For one that may be searched only. */
export const pinFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;

/**
 * How often a lookup is repeated that the kernel gave up (EAGAIN) because directories were renamed under it. An
 * attacker can provoke this for ever, so it is bounded; one that is not an attacker is over in a few.
 */
const racedLookupsMax = 256;

/** Pins a directory below another one; FileSystem.openDirectory, but for the paths of the operator's. */
export function openDirectory(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  follow: "none" | "beneath",
): DirHandle {
  if (path.length > walkBytesMax) throw new FsError(errno.ENAMETOOLONG, "openat2", path);
  if (path.startsWith("/")) throw new FsError(errno.EXDEV, "openat2", path);
  if (path.includes("..") && path.split("/").includes(".."))
    throw new FsError(errno.EINVAL, "openat2", path);
  if (follow === "none" && !path.includes("/")) return openPlain(kernel, dir, path, O_NOFOLLOW);
  let handle = openConfined(kernel, dir, path, { flags: directoryFlags, follow });
  if (handle < 0 && kernel.lastErrno === errno.EACCES) {
    handle = openConfined(kernel, dir, path, { flags: pinFlags, follow });
  }
  if (handle < 0) throw kernel.failure("openat2", path);
  return handle;
}

/**
 * Opens what `path` leads to below `dir`, wherever links on it lead as long as they stay below ("beneath") or with no
 * link on it ("none"). Returns -1 with lastErrno set on failure. Flags are openat's.
 */
export function openConfined(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  { flags, follow }: { flags: number; follow: "none" | "beneath" },
): number {
  if (!kernel.hasOpenat2 || path.length > pathBytesMax)
    return walk(kernel, dir, path, { flags, linksAllowed: follow === "none" ? 0 : linksMax });
  const address = kernel.path(path, "openat2");
  const resolve =
    RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (follow === "none" ? RESOLVE_NO_SYMLINKS : 0);
  const how = openHow(kernel, flags, resolve);
  for (let attempt = 0; ; attempt++) {
    const handle = kernel.call.openat2(dir, address, how, 24);
    if (handle >= 0) return handle;
    const again =
      kernel.interrupted() || (kernel.lastErrno === errno.EAGAIN && attempt < racedLookupsMax);
    if (!again) return -1;
  }
}

/** Opens what a path without any link leads to. Returns -1 with lastErrno set on failure: ELOOP where there is one. */
export function openWithoutLinks(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  { flags, mode }: { readonly flags: number; readonly mode: number },
): number {
  const address = kernel.path(path, "openat2");
  const how = openHow(kernel, flags, RESOLVE_NO_SYMLINKS, mode);
  return kernel.attempt(() => kernel.call.openat2(dir, address, how, 24));
}

/** Opens a directory wherever its path leads, however long that is. */
export function openPieces(kernel: Kernel, dir: DirHandle, path: ByteString): DirHandle {
  if (path.length <= pathBytesMax) return openPlain(kernel, dir, path, 0);
  let here = dir;
  for (const piece of cutPath(path)) {
    try {
      const next = openPlain(kernel, here, piece, 0);
      if (here !== dir) kernel.call.close(here);
      here = next;
    } catch (error) {
      if (here !== dir) kernel.call.close(here);
      throw error;
    }
  }
  return here;
}

/** Opens a directory with openat; falls back to O_PATH where it may not be read. */
export function openPlain(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  flags: number,
): DirHandle {
  const address = kernel.path(path, "openat");
  const { openat } = kernel.call;
  const handle = kernel.attempt(() => openat(dir, address, directoryFlags | flags, 0));
  if (handle >= 0) return handle;
  if (kernel.lastErrno !== errno.EACCES) throw kernel.failure("openat", path);
  return kernel.must("openat", path, () => openat(dir, address, pinFlags | flags, 0));
}

/** Fills a struct open_how (openat2(2): u64 flags, mode, resolve) and returns its address. */
function openHow(kernel: Kernel, flags: number, resolve: number, mode = 0): number {
  const { words } = kernel;
  words[0] = flags;
  words[1] = 0;
  words[2] = mode;
  words[3] = 0;
  words[4] = resolve;
  words[5] = 0;
  return kernel.structure;
}

/**
 * A second handle of the same directory. Opened anew rather than duplicated, so that each has its own reading
 * position; a directory that we may not search or read cannot be opened anew.
 */
export function duplicate(kernel: Kernel, dir: DirHandle): DirHandle {
  const { openat, fcntl } = kernel.call;
  const path = kernel.path(".", "openat");
  const handle = kernel.attempt(() => openat(dir, path, directoryFlags, 0));
  if (handle >= 0) return handle;
  return kernel.must("fcntl", "", () => fcntl(dir, F_DUPFD_CLOEXEC, 3));
}

/** Releases a handle; FileSystem.closeDirectory. */
export function closeDirectory(kernel: Kernel, dir: DirHandle): void {
  const failed = kernel.call.close(dir) < 0 && !kernel.interrupted();
  if (failed && kernel.lastErrno === errno.EBADF) throw kernel.failure("close", "");
}
