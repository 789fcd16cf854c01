// The memory door put together, and what a test can do to it beyond the interface.

import { assert, type ByteString, errno } from "../../base/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { attributeCalls } from "./attribute-calls.ts";
import { directoryCalls } from "./directory-calls.ts";
import { fileCalls } from "./file-calls.ts";
import type { Inode } from "./inode.ts";
import { nameCalls } from "./name-calls.ts";
import { resolve } from "./resolve.ts";
import { type CallName, type MemoryOptions, MemoryState, type MemoryUser } from "./state.ts";
import { topNumber, type VolumeOptions } from "./volume.ts";
import { xattrCalls } from "./xattr-calls.ts";

/** A memory file system: the door, and controls for tests. Paths here start at its root. */
export interface MemoryFileSystem extends FileSystem {
  readonly kind: "memory";
  /** How often each operation was called since the start or the last resetCalls(). */
  readonly calls: Readonly<Record<CallName, number>>;
  resetCalls(): void;
  /** Handles given and not closed: 0 at the end of a test that leaks nothing. */
  readonly openHandles: number;
  /** From now on acts for this user, with permissions enforced unless it is root. */
  become(user: MemoryUser): void;
  /** Covers an existing directory with another, empty volume. */
  mount(path: ByteString, options?: VolumeOptions): void;
  /** Changes limits of the volume that holds this path. */
  adjust(
    path: ByteString,
    limits: Pick<VolumeOptions, "quotaBytes" | "inodesMax" | "readOnly">,
  ): void;
  /** Bytes of content, in pages, and inodes in use on the volume that holds this path. */
  used(path: ByteString): { bytes: number; inodes: number };
  /** A copy of the whole tree, clock and user included, that shares nothing; no handles are open in it. */
  fork(): MemoryFileSystem;
}

/**
 * Returns a new, empty file system in memory: deterministic, single-threaded, and as strict as Linux. Its root
 * is a directory of mode 0755 that belongs to root.
 */
export function memoryFileSystem(options: MemoryOptions = {}): MemoryFileSystem {
  return assemble(new MemoryState(options));
}

function assemble(state: MemoryState): MemoryFileSystem {
  const operations = {
    ...directoryCalls(state),
    ...fileCalls(state),
    ...nameCalls(state),
    ...attributeCalls(state),
    ...xattrCalls(state),
    syncDirectory: (dir: number): void => {
      state.directory(dir, "fsync");
    },
    syncFileSystem: (dir: number): void => {
      state.directory(dir, "syncfs");
    },
    freeBytes: (dir: number): number => {
      const { volume } = state.directory(dir, "statfs");
      return Math.min(Number.MAX_SAFE_INTEGER, volume.quotaBytes - volume.usedBytes);
    },
  } satisfies Pick<FileSystem, CallName>;
  return {
    kind: "memory",
    abilities: state.abilities,
    ...counted(operations, state.calls),
    calls: state.calls as Record<CallName, number>,
    resetCalls: () => {
      for (const name of Object.keys(state.calls)) state.calls[name] = 0;
    },
    get openHandles() {
      return state.openHandles;
    },
    become: (user) => {
      state.user = user;
    },
    mount: (path, options) => mount(state, path, options),
    adjust: (path, limits) => {
      const { volume } = find(state, path);
      volume.quotaBytes = limits.quotaBytes ?? volume.quotaBytes;
      volume.inodesMax = limits.inodesMax ?? volume.inodesMax;
      volume.readOnly = limits.readOnly ?? volume.readOnly;
    },
    used: (path) => {
      const { volume } = find(state, path);
      return { bytes: volume.usedBytes, inodes: volume.inodes };
    },
    fork: () => assemble(new MemoryState(state.options, state)),
  };
}

type Operation = (a: never, b: never, c: never, d: never, e: never, f: never) => unknown;

/** Wraps every operation so that it counts its calls. No operation has more than six parameters. */
function counted<T extends object>(operations: T, calls: Record<string, number>): T {
  const wrapped: Record<string, Operation> = {};
  for (const [name, operation] of Object.entries(operations) as [string, Operation][]) {
    assert(operation.length <= 6, "A counted operation has at most six parameters.");
    calls[name] = 0;
    wrapped[name] = (a, b, c, d, e, f) => {
      calls[name] = (calls[name] as number) + 1;
      return operation(a, b, c, d, e, f);
    };
  }
  return wrapped as T;
}

function find(state: MemoryState, path: ByteString): Inode {
  return resolve(state, state.root, { path, follow: "anywhere", operation: "open" });
}

function mount(state: MemoryState, path: ByteString, options: VolumeOptions = {}): void {
  const covered = find(state, path);
  if (!isDirectory(covered.mode)) throw new FsError(errno.ENOTDIR, "mount", path);
  if (covered.number === topNumber) throw new FsError(errno.EBUSY, "mount", path);
  const top = state.makeVolume(options);
  top.parent = covered.parent;
  covered.mounted = top;
}
