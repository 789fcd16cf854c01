// Everything that a memory file system is: its volumes, who uses it, its clock, its open handles and
// the counts of calls. The files *-calls.ts are the operations on it.

import { type ByteString, type Clock, errno } from "../../base/index.ts";
import type { Abilities, DirHandle, FileHandle, FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { copyInodes } from "./copy-inodes.ts";
import { Inode, releaseIfUnused } from "./inode.ts";
import { MemoryClock } from "./memory-clock.ts";
import { Volume, type VolumeOptions } from "./volume.ts";

/** Whose rights count. */
export interface MemoryUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. Default: none. */
  readonly groups?: readonly number[];
}

/** How a memory file system behaves; the volume options are those of its root volume. */
export interface MemoryOptions extends VolumeOptions {
  /** Wall time of changes. Default: a clock that starts in 2020 and goes on 1 microsecond at each change. */
  readonly clock?: Pick<Clock, "wallTime">;
  /** Enforces permissions for this user. Default: root, for whom none are asked. */
  readonly user?: MemoryUser;
  /** Bits taken from the modes of new files. Default 0o022. */
  readonly umask?: number;
  /** Handles open at once; then EMFILE. Default: no limit. */
  readonly handlesMax?: number;
  /** Abilities to lack: the calls then answer as a door without them. */
  readonly abilities?: Partial<Abilities>;
}

/** The operations of a door. */
export type CallName = Exclude<keyof FileSystem, "kind" | "abilities">;

/** An open file. */
export interface OpenFile {
  readonly inode: Inode;
  readonly writable: boolean;
  readonly keepsAtime: boolean;
}

/** A pinned directory. Whether it may be listed is decided when it is opened, and stays so. */
export interface OpenDirectory {
  readonly inode: Inode;
  readonly readable: boolean;
}

/** Who acts when permissions are not enforced. */
const root: MemoryUser = { uid: 0, gid: 0 };

/** The state behind one memory file system. */
export class MemoryState {
  readonly options: MemoryOptions;
  readonly abilities: Abilities;
  readonly clock: MemoryClock;
  readonly root: Inode;
  readonly umask: number;
  user: MemoryUser;
  /** How often each operation was called. */
  readonly calls: Record<string, number> = {};

  readonly #directories = new Map<DirHandle, OpenDirectory>();
  readonly #files = new Map<FileHandle, OpenFile>();
  #nextHandle = 3;
  #volumes = 0;

  /** With `from`, a copy of that state: its tree, clock and user, without its handles and counts. */
  constructor(options: MemoryOptions, from?: MemoryState) {
    this.options = options;
    this.abilities = {
      timeStep: 1,
      xattrs: true,
      specials: true,
      devices: (from?.user ?? options.user ?? root).uid === 0,
      holes: true,
      kernelCopy: true,
      renameFlags: true,
      wholeFlush: true,
      confined: true,
      ...options.abilities,
    };
    this.clock = from?.clock.copy() ?? new MemoryClock(options.clock);
    this.umask = options.umask ?? 0o022;
    this.user = from?.user ?? options.user ?? root;
    this.#volumes = from === undefined ? 0 : from.#volumes;
    this.root =
      from === undefined
        ? this.makeVolume({ timeGranularity: this.abilities.timeStep, ...options })
        : copyInodes(from.root);
  }

  /** Makes a volume and returns its top, which is its own parent until it is mounted. */
  makeVolume(options: VolumeOptions): Inode {
    const top = new Inode(new Volume(++this.#volumes, options), 0o040755);
    top.parent = top;
    this.clock.stampNew(top);
    return top;
  }

  get openHandles(): number {
    return this.#directories.size + this.#files.size;
  }

  openDirectory(directory: OpenDirectory): DirHandle {
    this.checkHandles();
    directory.inode.openCount++;
    this.#directories.set(this.#nextHandle, directory);
    return this.#nextHandle++;
  }

  openFile(file: OpenFile): FileHandle {
    this.checkHandles();
    file.inode.openCount++;
    this.#files.set(this.#nextHandle, file);
    return this.#nextHandle++;
  }

  /** Throws EMFILE when no more handles may be open. */
  checkHandles(): void {
    const { handlesMax = Number.POSITIVE_INFINITY } = this.options;
    if (this.openHandles >= handlesMax) throw new FsError(errno.EMFILE, "open", "");
  }

  /** The directory behind a handle. Numbers are never used again, so a closed one is always EBADF. */
  directory(handle: DirHandle, operation: string): Inode {
    return this.pinned(handle, operation).inode;
  }

  pinned(handle: DirHandle, operation: string): OpenDirectory {
    const directory = this.#directories.get(handle);
    if (directory === undefined) throw new FsError(errno.EBADF, operation, "");
    return directory;
  }

  file(handle: FileHandle, operation: string): OpenFile {
    const file = this.#files.get(handle);
    if (file === undefined) throw new FsError(errno.EBADF, operation, "");
    return file;
  }

  close(handle: DirHandle | FileHandle): void {
    const inode = (this.#directories.get(handle) ?? this.#files.get(handle))?.inode;
    if (inode === undefined) throw new FsError(errno.EBADF, "close", "");
    this.#directories.delete(handle);
    this.#files.delete(handle);
    inode.openCount--;
    releaseIfUnused(inode);
  }

  /** What a name of this directory stands for, mounts crossed. */
  child(directory: Inode, name: ByteString): Inode | undefined {
    const inode = directory.folder?.get(name);
    return inode?.mounted ?? inode;
  }
}
