// Where a test tree lives: on the machine's disk (disk-place.ts) or on a FileSystem
// (file-system-place.ts). The tree writers, readers and mutators of this folder work on either
// through this interface, by paths from the place's top; "" is the top itself.

import type { ByteString } from "./rooms.ts";

/** The attributes of one file at a place. */
export interface PlaceEntry {
  /** Type and permission bits, as st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** 512-byte blocks. */
  readonly blocks: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly nlink: number;
  /** Device and inode number in one key: equal for hard links of one file and for nothing else. */
  readonly identity: string;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
}

/** Bytes at an offset of a file. */
export interface Region {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A place that holds a tree. Every method throws what the place throws (with an `errno`). */
export interface TreePlace {
  /** For messages. */
  readonly description: string;
  /** Names of a directory, sorted by bytes. */
  names(path: ByteString): ByteString[];
  /** The attributes, not following a symlink; undefined when there is nothing. */
  entry(path: ByteString): PlaceEntry | undefined;
  readContent(path: ByteString): Uint8Array;
  readTarget(path: ByteString): ByteString;
  /** Extended attributes of every file of the place that has some, by path. */
  xattrs(): Map<ByteString, Map<ByteString, ByteString>>;

  /** Makes a new file of this size that has only these regions, holes elsewhere. */
  makeFile(path: ByteString, size: number, regions: readonly Region[]): void;
  /** Changes an existing file in place: writes the regions, then cuts or extends it to `size`. */
  editFile(path: ByteString, size: number, regions: readonly Region[]): void;
  makeDirectory(path: ByteString): void;
  makeSymlink(path: ByteString, target: ByteString): void;
  /** `mode` carries the type of a FIFO, socket or device. */
  makeNode(path: ByteString, mode: number, major: number, minor: number): void;
  link(from: ByteString, to: ByteString): void;
  rename(from: ByteString, to: ByteString): void;
  /** Removes whatever is there with all below. */
  remove(path: ByteString): void;

  setMode(path: ByteString, mode: number): void;
  setOwner(path: ByteString, uid: number, gid: number): void;
  setTimes(path: ByteString, atimeNs: bigint, mtimeNs: bigint): void;
  setXattr(path: ByteString, name: ByteString, value: ByteString): void;
  removeXattr(path: ByteString, name: ByteString): void;
}
