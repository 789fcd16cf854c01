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
import { perform } from "./perform.ts";

/** The directories that a door holds. Paths are byte strings that node:fs takes as latin1 buffers. */
export interface Pins {
  /** Nothing that happens to the path of a pinned directory makes its handle stand for another. */
  readonly confined: boolean;
  /** Pins the directory at a path; with `noFollow` a symlink there is ENOTDIR. `name` is for the error. */
  pin(path: ByteString, name: ByteString, noFollow: boolean): DirHandle;
  /** EBADF for a handle that is not pinned. */
  unpin(dir: DirHandle): void;
  /** The path of the pinned directory itself; EBADF when it is not pinned. */
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
      perform("close", "", () => closeSync(dir));
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

/** Pins by paths: what they lead to is looked at when they are pinned, and trusted from there on. */
export function pathPins(): Pins {
  const paths = new Map<DirHandle, ByteString>();
  let nextHandle = 1;
  const pathOf = (dir: DirHandle): ByteString => {
    const path = paths.get(dir);
    if (path === undefined) throw new FsError(errno.EBADF, "open", "");
    return path;
  };
  return {
    confined: false,
    pin: (path, name, noFollow) => {
      const bytes = Buffer.from(path, "latin1");
      const stat = perform("open", name, () => (noFollow ? lstatSync(bytes) : statSync(bytes)));
      if (!stat.isDirectory()) throw new FsError(errno.ENOTDIR, "open", name);
      paths.set(nextHandle, path);
      return nextHandle++;
    },
    unpin: (dir) => {
      pathOf(dir);
      paths.delete(dir);
    },
    self: pathOf,
    stat: (dir) => {
      const path = Buffer.from(pathOf(dir), "latin1");
      return perform("stat", "", () => statSync(path, { bigint: true }));
    },
  };
}
