// What a directory handle stands for, and the paths by which node:fs reaches it and its entries.

import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  statSync,
} from "node:fs";
import process from "node:process";
import { type ByteString, errno } from "../../base/index.ts";
import type { DirHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { perform, release } from "./perform.ts";

/** The directories that a door holds. Paths are byte strings that node:fs takes as latin1 buffers. */
export interface Pins {
  /** Nothing that happens to the path of a pinned directory makes its handle stand for another. */
  readonly confined: boolean;
  /** Pins the directory at a path; with `noFollow` a symlink there is ENOTDIR. `name` is for the error. */
  pin(path: ByteString, name: ByteString, noFollow: boolean): DirHandle;
  /** EBADF for a handle that is not pinned. */
  unpin(dir: DirHandle): void;
  /** The path of the pinned directory itself; EBADF when it is not pinned, ESTALE when the path leads elsewhere now. */
  self(dir: DirHandle): ByteString;
  stat(dir: DirHandle): BigIntStats;
}

/** O_PATH (open(2)): a descriptor that only names. The number is that of all architectures in use. */
export const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = constants;

/** The path of an entry, as node:fs takes it. */
export function entryPath(pins: Pins, dir: DirHandle, name: ByteString): Buffer {
  return Buffer.from(`${pins.self(dir)}/${name}`, "latin1");
}

/** Returns descriptors where /proc tells of them, paths elsewhere. */
export function bestPins(): Pins {
  return haveDescriptorPaths() ? descriptorPins() : pathPins();
}

function haveDescriptorPaths(): boolean {
  if (process.platform !== "linux") return false;
  try {
    const root = openSync("/", O_PATH | O_DIRECTORY);
    try {
      return statSync(`/proc/self/fd/${root}/.`).ino === statSync("/").ino;
    } finally {
      closeSync(root);
    }
  } catch {
    return false; // No /proc, or one that is forbidden.
  }
}

/** Pins by descriptors (Linux). */
export function descriptorPins(): Pins {
  const open = new Set<DirHandle>();
  const check = (dir: DirHandle): void => {
    if (!open.has(dir)) throw new FsError(errno.EBADF, "open", "");
  };
  return {
    confined: true,
    pin: (path, name, noFollow) => {
      const flags = O_PATH | O_DIRECTORY | (noFollow ? O_NOFOLLOW : 0);
      const dir = perform("open", name, () => openSync(Buffer.from(path, "latin1"), flags));
      open.add(dir);
      return dir;
    },
    unpin: (dir) => {
      check(dir);
      open.delete(dir);
      release(dir);
    },
    self: (dir) => {
      check(dir);
      return `/proc/self/fd/${dir}`;
    },
    stat: (dir) => {
      check(dir);
      return perform("fstat", "", () => fstatSync(dir, { bigint: true }));
    },
  };
}

/** A directory that was pinned by its path: where it was, and which one. */
interface PinnedPath {
  readonly path: ByteString;
  readonly bytes: Buffer;
  readonly dev: bigint;
  readonly ino: bigint;
  /** A symlink at the path itself leads to it. */
  readonly follows: boolean;
}

/**
 * Pins by paths. Before each use it is looked whether the path still leads to the directory that was pinned (else ESTALE, or
 * ENOENT); between that look and the use nothing holds it in place.
 */
export function pathPins(): Pins {
  const pinned = new Map<DirHandle, PinnedPath>();
  let nextHandle = 1;
  const find = (dir: DirHandle): PinnedPath => {
    const found = pinned.get(dir);
    if (found === undefined) throw new FsError(errno.EBADF, "open", "");
    return found;
  };
  const look = (bytes: Buffer, name: ByteString, follows: boolean): BigIntStats =>
    perform("open", name, () => (follows ? statSync : lstatSync)(bytes, { bigint: true }));
  const check = (dir: DirHandle): { readonly pin: PinnedPath; readonly stats: BigIntStats } => {
    const pin = find(dir);
    const stats = look(pin.bytes, "", pin.follows);
    if (stats.dev !== pin.dev || stats.ino !== pin.ino) throw new FsError(errno.ESTALE, "open", "");
    return { pin, stats };
  };
  return {
    confined: false,
    pin: (path, name, noFollow) => {
      const bytes = Buffer.from(path, "latin1");
      const stats = look(bytes, name, !noFollow);
      if (!stats.isDirectory()) throw new FsError(errno.ENOTDIR, "open", name);
      const { dev, ino } = stats;
      pinned.set(nextHandle, { path, bytes, dev, ino, follows: !noFollow });
      return nextHandle++;
    },
    unpin: (dir) => {
      find(dir);
      pinned.delete(dir);
    },
    self: (dir) => check(dir).pin.path,
    stat: (dir) => check(dir).stats,
  };
}
