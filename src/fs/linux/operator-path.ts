// Paths that the operator gave, on the Linux door. Where a path has no links, which is the rule, the kernel opens it in
// one call; only otherwise it is followed one component at a time.

import { type ByteString, errno } from "../../base/index.ts";
import type { SystemCalls } from "../../native/index.ts";
import { isSymlink } from "../../tree/index.ts";
import {
  type DirHandle,
  type FileHandle,
  type Follow,
  type OperatorFollow,
  Stat,
} from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import {
  checkBound,
  followOperatorPath,
  type LinkOnPath,
  type OpenLast,
  type PathSteps,
} from "../operator-path.ts";
import { pathBytesMax, walkBytesMax } from "../path-limits.ts";
import {
  AT_FDCWD,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  PROC_SUPER_MAGIC,
} from "./constants.ts";
import { Kernel, textCapacity } from "./kernel.ts";
import {
  directoryFlags,
  duplicate,
  openDirectory,
  openPieces,
  openPlain,
  openWithoutLinks,
  pinFlags,
} from "./open-directory.ts";
import { typeOf } from "./ranges.ts";
import { stat, statHandle } from "./stat.ts";

const seen = new Stat();

/** Pins a directory by a path from the top or the working directory; FileSystem.openRoot. */
export function openOperatorRoot(
  kernel: Kernel,
  path: ByteString,
  follow: OperatorFollow,
): DirHandle {
  if (path.length > pathBytesMax) throw new FsError(errno.ENAMETOOLONG, "openat", path);
  return openOperatorDirectory(kernel, AT_FDCWD, path, follow);
}

/** Pins a directory by a path that begins at `dir`. */
function openOperatorDirectory(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  follow: OperatorFollow,
): DirHandle {
  if (path.length > walkBytesMax) throw new FsError(errno.ENAMETOOLONG, "openat", path);
  if (follow === "anywhere" || kernel.links.insecure) return openPieces(kernel, dir, path);
  const handle = openQuick(
    kernel,
    dir,
    path,
    { flags: directoryFlags, mode: 0 },
    (here, name, leads) => openPlain(kernel, here, name, leads ? 0 : O_NOFOLLOW),
  );
  return inBounds(kernel, handle, path, follow);
}

/** Opens a file by a path that begins at `dir`, with openat's flags. */
function openOperatorFile(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  how: { readonly flags: number; readonly mode: number },
): number {
  const { openat } = kernel.call;
  return openQuick(kernel, dir, path, how, (here, name, leads) => {
    const address = kernel.path(name, "openat");
    const flags = how.flags | (leads ? 0 : O_NOFOLLOW);
    return kernel.must("open", path, () => openat(here, address, flags, how.mode));
  });
}

/**
 * Opens a file that is not part of any tree by a path of the operator's, with open(2)'s flags, and returns its descriptor, which
 * node:fs takes, too. Throws FsError.
 */
export function openNamedFile(
  calls: SystemCalls,
  path: ByteString,
  how: { readonly flags: number; readonly mode: number },
): number {
  const flags = how.flags | O_CLOEXEC;
  return openOperatorFile(new Kernel(calls), AT_FDCWD, path, { ...how, flags });
}

/** Opens a file for reading; FileSystem.openRead for the operator's paths. */
export function readOperatorFile(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  flags: number,
  follow: OperatorFollow,
): FileHandle {
  return inBounds(kernel, openOperatorFile(kernel, dir, name, { flags, mode: 0 }), name, follow);
}

/** Pins a directory below another one; FileSystem.openDirectory. */
export function openBelow(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  follow: Follow,
): DirHandle {
  if (path === "") return inBounds(kernel, duplicate(kernel, dir), path, follow);
  return follow === "none" || follow === "beneath"
    ? openDirectory(kernel, dir, path, follow)
    : openOperatorDirectory(kernel, dir, path, follow);
}

/** Closes what is open and throws where it is to be bounded and is not. */
function inBounds(kernel: Kernel, handle: number, path: ByteString, follow: Follow): number {
  const { boundary } = kernel;
  if (follow !== "bounded" || boundary === undefined) return handle;
  try {
    checkBound(whereabouts(kernel, handle), boundary, path);
    return handle;
  } catch (error) {
    kernel.call.close(handle);
    throw error;
  }
}

/** Where DIR of --confine-root is: its path without links, or as it is written where there is no such directory. */
export function boundaryOf(kernel: Kernel): ByteString | undefined {
  const { confineRoot } = kernel.links;
  if (confineRoot === undefined) return undefined;
  try {
    const handle = openPlain(kernel, AT_FDCWD, confineRoot, 0);
    try {
      return whereabouts(kernel, handle);
    } finally {
      kernel.call.close(handle);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return confineRoot;
  }
}

/** The absolute path of what is open, as the kernel knows it. */
function whereabouts(kernel: Kernel, handle: number): ByteString {
  const path = kernel.path(`/proc/self/fd/${handle}`, "readlinkat");
  const { readlinkat } = kernel.call;
  const length = kernel.must("readlinkat", "", () =>
    readlinkat(AT_FDCWD, path, kernel.text, textCapacity),
  );
  return kernel.takeText(length);
}

function openQuick(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  how: { readonly flags: number; readonly mode: number },
  open: OpenLast<number>,
): number {
  if (kernel.hasOpenat2 && path.length <= pathBytesMax) {
    let handle = openWithoutLinks(kernel, dir, path, how);
    if (handle < 0 && kernel.lastErrno === errno.EACCES && how.flags === directoryFlags) {
      handle = openWithoutLinks(kernel, dir, path, { ...how, flags: pinFlags });
    }
    if (handle >= 0) return handle;
    if (kernel.lastErrno !== errno.ELOOP) throw kernel.failure("open", path);
  }
  return followOperatorPath(stepsOf(kernel), dir, path, open);
}

function stepsOf(kernel: Kernel): PathSteps {
  const { openat, close } = kernel.call;
  const enter = (here: DirHandle, name: ByteString, follow: boolean): DirHandle => {
    const address = kernel.path(name, "openat");
    const flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    return kernel.must("openat", name, () => openat(here, address, flags, 0));
  };
  return {
    top: () => enter(AT_FDCWD, "/", false),
    enter,
    link: (here, name) => linkAt(kernel, here, name),
    release: (dir) => {
      close(dir);
    },
  };
}

/** The link is held while it is looked at, so that owner and target cannot be those of two. */
function linkAt(kernel: Kernel, here: DirHandle, name: ByteString): LinkOnPath | undefined {
  const isLink = name !== "." && name !== ".." && stat(kernel, here, name, seen, false);
  if (!isLink || !isSymlink(seen.mode)) return undefined;
  const { openat, readlinkat, close } = kernel.call;
  const address = kernel.path(name, "openat");
  const flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  const link = kernel.must("openat", name, () => openat(here, address, flags, 0));
  try {
    statHandle(kernel, link, seen);
    if (!isSymlink(seen.mode)) return undefined;
    const { uid } = seen;
    if (typeOf(kernel, link) === PROC_SUPER_MAGIC) return { uid, target: undefined };
    const itself = kernel.path("", "readlinkat");
    const length = kernel.must("readlinkat", name, () =>
      readlinkat(link, itself, kernel.text, textCapacity),
    );
    return { uid, target: kernel.takeText(length) };
  } finally {
    close(link);
  }
}
