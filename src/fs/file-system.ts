// The interface that every file door serves: a thin, synchronous, directory-relative view of a
// file system. One conformance suite (test/suites/fs-suite.ts) holds all of them to it.
//
// Everything is relative to a pinned directory: a handle, never a path from the top, so nothing
// an attacker renames or replaces by a symlink can lead outside. Names are byte strings of one
// component without "/" (except where a parameter is called `path`). No call follows a symlink
// unless it says so. Calls are synchronous because they run in lanes (worker threads); a lane
// is where waiting belongs.
//
// Errors: every method throws FsError; methods that answer "not there" with a value say so.

import type { ByteString } from "../base/index.ts";
import type { Directory } from "../tree/index.ts";
import type { DirHandle, FileHandle } from "./handles.ts";
import type { ManyFiles } from "./many-files.ts";

export type { DirHandle, FileHandle } from "./handles.ts";

/** The attributes of one file, filled by stat calls into an object that the caller reuses. */
export class Stat {
  mode = 0;
  size = 0;
  blocks = 0;
  mtime = 0;
  mtimeNanos = 0;
  ctime = 0;
  ctimeNanos = 0;
  atime = 0;
  atimeNanos = 0;
  /** Birth time, 0 where unknown. */
  crtime = 0;
  crtimeNanos = 0;
  uid = 0;
  gid = 0;
  nlink = 0;
  devMajor = 0;
  devMinor = 0;
  inoHigh = 0;
  inoLow = 0;
  rdevMajor = 0;
  rdevMinor = 0;
}

type Inode = Pick<Stat, "devMajor" | "devMinor" | "inoHigh" | "inoLow">;

/** Says whether two records are about one file, by whatever name. */
export function isSameInode(a: Inode, b: Inode): boolean {
  return (
    a.inoLow === b.inoLow &&
    a.inoHigh === b.inoHigh &&
    a.devMajor === b.devMajor &&
    a.devMinor === b.devMinor
  );
}

/** Value for a time's nanoseconds that leaves that time as it is (utimensat's UTIME_OMIT). */
export const omitTime = 0x3ffffffe;

/** What a door can do beyond the portable minimum; asked once, never guessed in the middle. */
export interface Abilities {
  /** Times that are set are rounded down to multiples of this many nanoseconds: 1 or 1000. */
  readonly timeStep: number;
  readonly xattrs: boolean;
  /** makeNode makes pipes and sockets. */
  readonly specials: boolean;
  /** makeNode makes devices. */
  readonly devices: boolean;
  /** seekData/seekHole/punchHole/allocate work. */
  readonly holes: boolean;
  /** copyRange and clone may stay in the kernel. */
  readonly kernelCopy: boolean;
  /** rename with noReplace and exchange is atomic. */
  readonly renameFlags: boolean;
  /** syncFileSystem flushes everything that was written, not only what a directory holds. */
  readonly wholeFlush: boolean;
  /** Attackers cannot lead a handle outside even while they rename directories. */
  readonly confined: boolean;
}

/** How openDirectory treats symbolic links on its path. */
export type Follow = "none" | "beneath" | OperatorFollow;

/**
 * How links on a path that the operator gave are treated: "trusted" follows those of root and of this process's user, all others
 * are ELOOP; "bounded" too, and what it comes to must lie in the door's --confine-root, else ELOOP; "anywhere" follows all.
 */
export type OperatorFollow = "trusted" | "bounded" | "anywhere";

/** How rename treats an existing target name. */
export type RenameMode = "replace" | "no-replace" | "exchange";

/** A file door. Handles belong to the door that gave them; close each exactly once. */
export interface FileSystem extends ManyFiles {
  readonly kind: "linux" | "portable" | "memory" | "faulty";
  readonly abilities: Abilities;
  /** Where this is a door to a part of the machine: the door to all of it. */
  readonly machine?: FileSystem;

  /**
   * Pins a directory the operator named (absolute or relative to the working directory; links of
   * others than root and this process's user are refused unless `follow` says otherwise). Errors: ENOENT, ENOTDIR, EACCES, ELOOP...
   */
  openRoot(path: ByteString, follow?: OperatorFollow): DirHandle;

  /**
   * Pins a directory below `dir`. `path` may have several components, "" is `dir` itself again (a
   * second handle), and be longer than a system call takes unless handles are paths (abilities.confined). With "none" (the default) a symlink anywhere on the path is ELOOP or ENOTDIR; with
   * "beneath" links are followed but leaving `dir` is EXDEV; with the operator's three (only for
   * paths and options that the operator gave) a path may lead anywhere. ".." is refused (EINVAL or EXDEV) except with those.
   */
  openDirectory(dir: DirHandle, path: ByteString, follow?: Follow): DirHandle;
  /** Nothing can be lost by that, so that it never fails, but for a handle that is none (EBADF). */
  closeDirectory(dir: DirHandle): void;

  /**
   * Appends the names of the directory and their types to the listing, in no particular order:
   * fills `mode` with the type bits only (0 when the file system does not tell), zeroes problem,
   * verdict and origin. "." and ".." are left out.
   */
  readNames(dir: DirHandle, listing: Directory): void;

  /**
   * Fills all attribute columns of entries `from` up to `to` by name. Never throws for one entry: sets `mode` to 0
   * and `problem` to the errno instead (ENOENT = 2: absent). `follow` reads what a symlink points to. The name "." is
   * the directory itself.
   */
  statEntries(dir: DirHandle, listing: Directory, from: number, to: number, follow?: boolean): void;

  /** Fills `into`; false when the name does not exist (ENOENT or ENOTDIR). */
  stat(dir: DirHandle, name: ByteString, into: Stat, follow?: boolean): boolean;
  statDirectory(dir: DirHandle, into: Stat): void;
  statFile(file: FileHandle, into: Stat): void;

  readLink(dir: DirHandle, name: ByteString): ByteString;

  /**
   * Opens for reading without following a symlink and without blocking on a FIFO or device.
   * `noAtime` asks not to touch the access time, and is dropped where not permitted.
   */
  openRead(
    dir: DirHandle,
    name: ByteString,
    options?: { noAtime?: boolean; follow?: Follow },
  ): FileHandle;
  /** Creates a new file for reading and writing; EEXIST when the name is taken, by a symlink too. */
  createFile(dir: DirHandle, name: ByteString, mode: number): FileHandle;
  /**
   * Opens an existing regular file for reading and writing in place, without following a symlink; with `devices` a
   * device, too. EINVAL for anything else.
   */
  openWrite(dir: DirHandle, name: ByteString, devices?: boolean): FileHandle;
  closeFile(file: FileHandle): void;

  /** Reads up to `length` bytes at `position` into `into` from `offset`; 0 at the end. Interrupted reads go on. */
  read(
    file: FileHandle,
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  /** Writes all `length` bytes at `position`, or throws. */
  write(file: FileHandle, from: Uint8Array, offset: number, length: number, position: number): void;
  truncate(file: FileHandle, size: number): void;
  /** Bytes that an open block device has; 0 for other devices. Absent where the door knows no devices. */
  deviceSize?(file: FileHandle): number;
  /** Reserves space without changing the size (fallocate KEEP_SIZE); false where not supported. */
  allocate(file: FileHandle, offset: number, length: number): boolean;
  /** Makes a range read as zeros and frees its space; false where not supported. */
  punchHole(file: FileHandle, offset: number, length: number): boolean;
  /** Start of the next data at or after `offset`, -1 when there is none; `offset` itself where holes are unknown. */
  seekData(file: FileHandle, offset: number): number;
  /** Start of the next hole at or after `offset` (the end of the file counts as one). */
  seekHole(file: FileHandle, offset: number): number;
  /**
   * Copies up to `length` bytes between open files inside the kernel, at these positions; returns the count, 0 at the end
   * of the source, -1 when this pair of files cannot (the caller then reads and writes).
   */
  copyRange(
    from: FileHandle,
    fromPosition: number,
    to: FileHandle,
    toPosition: number,
    length: number,
  ): number;
  /**
   * Says that copyRange into this file is no more than a copy through memory, which shuts others out from the file while
   * it lasts: reading and writing is as good, and lets lanes read while one writes. Absent or false where the kernel
   * may know better (another machine copies), or nothing is known.
   */
  copiesThroughMemory?(file: FileHandle): boolean;
  /**
   * Says that ctime and inode number tell whether a file is what it was: each change of one gets the present time of this
   * machine's kernel, and no file gets another's number while that lives. Absent or false where nobody knows.
   */
  stampsChanges?(handle: DirHandle | FileHandle): boolean;
  /** Makes `to` share all of `from`'s blocks (reflink); false where not supported. */
  clone(from: FileHandle, to: FileHandle): boolean;

  makeDirectory(dir: DirHandle, name: ByteString, mode: number): void;
  makeSymlink(dir: DirHandle, name: ByteString, target: ByteString): void;
  /** Makes a device, FIFO or socket node; `mode` carries the type. */
  makeNode(
    dir: DirHandle,
    name: ByteString,
    mode: number,
    rdevMajor: number,
    rdevMinor: number,
  ): void;
  /** Hard-links an existing file (a symlink itself, not its target). */
  link(dir: DirHandle, name: ByteString, toDir: DirHandle, toName: ByteString): void;
  rename(
    dir: DirHandle,
    name: ByteString,
    toDir: DirHandle,
    toName: ByteString,
    mode?: RenameMode,
  ): void;
  unlink(dir: DirHandle, name: ByteString): void;
  removeDirectory(dir: DirHandle, name: ByteString): void;

  /** Sets permission bits; never follows: ENOTSUP/EOPNOTSUPP for a symlink. */
  setMode(dir: DirHandle, name: ByteString, mode: number): void;
  /** Sets owner and group (0xffffffff leaves one), of a symlink itself. */
  setOwner(dir: DirHandle, name: ByteString, uid: number, gid: number): void;
  /** Sets times (whole seconds and nanoseconds; nanoseconds omitTime leaves one), of a symlink itself. */
  setTimes(
    dir: DirHandle,
    name: ByteString,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void;
  setFileMode(file: FileHandle, mode: number): void;
  setFileOwner(file: FileHandle, uid: number, gid: number): void;
  setFileTimes(
    file: FileHandle,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void;
  /** The same on the pinned directory itself. */
  setDirectoryMode(dir: DirHandle, mode: number): void;
  setDirectoryOwner(dir: DirHandle, uid: number, gid: number): void;
  setDirectoryTimes(
    dir: DirHandle,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void;

  /** Names of extended attributes; of a symlink itself. Name "" means the pinned directory itself in all xattr calls. */
  listXattrs(dir: DirHandle, name: ByteString): ByteString[];
  /** The value, or undefined when there is no such attribute. */
  getXattr(dir: DirHandle, name: ByteString, attribute: ByteString): Uint8Array | undefined;
  setXattr(dir: DirHandle, name: ByteString, attribute: ByteString, value: Uint8Array): void;
  removeXattr(dir: DirHandle, name: ByteString, attribute: ByteString): void;

  /** Flushes one file to the device. */
  syncFile(file: FileHandle): void;
  /** Flushes a directory: that names in it were made, changed or removed. */
  syncDirectory(dir: DirHandle): void;
  /** Flushes the whole file system that holds the directory (syncfs), or does what is nearest (`abilities.wholeFlush`). */
  syncFileSystem(dir: DirHandle): void;
  /** Free bytes for this user on the directory's file system. */
  freeBytes(dir: DirHandle): number;
}
