// The Linux door: FileSystem by system calls. Each method is one function of this room; they are
// kept apart from the class so that each file holds one kind of thing.

import type { ByteString } from "../../base/index.ts";
import type { SystemCalls } from "../../native/index.ts";
import type { Directory } from "../../tree/index.ts";
import type {
  Abilities,
  DirHandle,
  FileHandle,
  FileSystem,
  Follow,
  OperatorFollow,
  RenameMode,
  Stat,
} from "../file-system.ts";
import type { OperatorLinks } from "../operator-path.ts";
import * as attributes from "./attributes.ts";
import { compareFiles } from "./compare-files.ts";
import * as content from "./content.ts";
import { copyNewFiles } from "./copy-new-files.ts";
import * as entries from "./entries.ts";
import * as flush from "./flush.ts";
import { Kernel, type Without } from "./kernel.ts";
import * as directories from "./open-directory.ts";
import { boundaryOf, openBelow, openOperatorRoot } from "./operator-path.ts";
import * as ranges from "./ranges.ts";
import { readFiles } from "./read-files.ts";
import { readNames } from "./read-names.ts";
import { stampFiles } from "./stamp-files.ts";
import * as stats from "./stat.ts";
import { writeNewFiles } from "./write-new-files.ts";
import * as xattrs from "./xattrs.ts";

/**
 * Returns the Linux door. Handles are descriptors and may be used by the doors of other threads of this process;
 * the door itself belongs to the thread that made it.
 */
export function linuxFileSystem(
  calls: SystemCalls,
  { links, ...without }: Without & { readonly links?: OperatorLinks } = {},
): FileSystem {
  const kernel = new Kernel(calls, without, links);
  kernel.boundary = boundaryOf(kernel);
  return new LinuxFileSystem(kernel);
}

class LinuxFileSystem implements FileSystem {
  readonly kind = "linux";
  readonly abilities: Abilities;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.abilities = {
      timeStep: 1,
      xattrs: true,
      specials: true,
      devices: kernel.call.geteuid() === 0,
      holes: true,
      kernelCopy: true,
      renameFlags: true,
      wholeFlush: true,
      confined: true,
    };
  }

  openRoot(path: ByteString, follow: OperatorFollow = "trusted"): DirHandle {
    return openOperatorRoot(this.#kernel, path, follow);
  }
  openDirectory(dir: DirHandle, path: ByteString, follow: Follow = "none"): DirHandle {
    return openBelow(this.#kernel, dir, path, follow);
  }
  closeDirectory(dir: DirHandle): void {
    directories.closeDirectory(this.#kernel, dir);
  }

  readNames(dir: DirHandle, listing: Directory): void {
    readNames(this.#kernel, dir, listing);
  }
  statEntries(dir: DirHandle, listing: Directory, from: number, to: number, follow = false): void {
    stats.statEntries(this.#kernel, dir, listing, from, to, follow);
  }
  stat(dir: DirHandle, name: ByteString, into: Stat, follow = false): boolean {
    return stats.stat(this.#kernel, dir, name, into, follow);
  }
  statDirectory(dir: DirHandle, into: Stat): void {
    stats.statHandle(this.#kernel, dir, into);
  }
  statFile(file: FileHandle, into: Stat): void {
    stats.statHandle(this.#kernel, file, into);
  }

  readLink(dir: DirHandle, name: ByteString): ByteString {
    return entries.readLink(this.#kernel, dir, name);
  }

  openRead(
    dir: DirHandle,
    name: ByteString,
    options?: { noAtime?: boolean; follow?: Follow },
  ): FileHandle {
    return content.openRead(this.#kernel, dir, name, options);
  }
  createFile(dir: DirHandle, name: ByteString, mode: number): FileHandle {
    return content.createFile(this.#kernel, dir, name, mode);
  }
  openWrite(dir: DirHandle, name: ByteString, devices = false): FileHandle {
    return content.openWrite(this.#kernel, dir, name, devices);
  }
  closeFile(file: FileHandle): void {
    content.closeFile(this.#kernel, file);
  }

  read(
    file: FileHandle,
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number {
    return content.read(this.#kernel, file, into, offset, length, position);
  }
  write(
    file: FileHandle,
    from: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): void {
    content.write(this.#kernel, file, from, offset, length, position);
  }
  deviceSize(file: FileHandle): number {
    return ranges.deviceSize(this.#kernel, file);
  }
  truncate(file: FileHandle, size: number): void {
    content.truncate(this.#kernel, file, size);
  }
  allocate(file: FileHandle, offset: number, length: number): boolean {
    return ranges.allocate(this.#kernel, file, offset, length);
  }
  punchHole(file: FileHandle, offset: number, length: number): boolean {
    return ranges.punchHole(this.#kernel, file, offset, length);
  }
  seekData(file: FileHandle, offset: number): number {
    return ranges.seekData(this.#kernel, file, offset);
  }
  seekHole(file: FileHandle, offset: number): number {
    return ranges.seekHole(this.#kernel, file, offset);
  }
  readonly copyNewFiles: NonNullable<FileSystem["copyNewFiles"]> = (...files) =>
    copyNewFiles(this.#kernel, ...files);
  readonly compareFiles: NonNullable<FileSystem["compareFiles"]> = (...files) =>
    compareFiles(this.#kernel, ...files);
  readonly readFiles: NonNullable<FileSystem["readFiles"]> = (...files) =>
    readFiles(this.#kernel, ...files);
  readonly writeNewFiles: NonNullable<FileSystem["writeNewFiles"]> = (...files) =>
    writeNewFiles(this.#kernel, ...files);
  readonly stampFiles: NonNullable<FileSystem["stampFiles"]> = (...files) =>
    stampFiles(this.#kernel, ...files);
  copiesThroughMemory(file: FileHandle): boolean {
    return ranges.copiesThroughMemory(this.#kernel, file);
  }
  stampsChanges(handle: DirHandle | FileHandle): boolean {
    return ranges.stampsChanges(this.#kernel, handle);
  }
  copyRange(
    from: FileHandle,
    fromPosition: number,
    to: FileHandle,
    toPosition: number,
    length: number,
  ): number {
    return ranges.copyRange(this.#kernel, from, fromPosition, to, toPosition, length);
  }
  clone(from: FileHandle, to: FileHandle): boolean {
    return ranges.clone(this.#kernel, from, to);
  }

  makeDirectory(dir: DirHandle, name: ByteString, mode: number): void {
    entries.makeDirectory(this.#kernel, dir, name, mode);
  }
  makeSymlink(dir: DirHandle, name: ByteString, target: ByteString): void {
    entries.makeSymlink(this.#kernel, dir, name, target);
  }
  makeNode(
    dir: DirHandle,
    name: ByteString,
    mode: number,
    rdevMajor: number,
    rdevMinor: number,
  ): void {
    entries.makeNode(this.#kernel, dir, name, mode, rdevMajor, rdevMinor);
  }
  link(dir: DirHandle, name: ByteString, toDir: DirHandle, toName: ByteString): void {
    entries.link(this.#kernel, dir, name, toDir, toName);
  }
  rename(
    dir: DirHandle,
    name: ByteString,
    toDir: DirHandle,
    toName: ByteString,
    mode: RenameMode = "replace",
  ): void {
    entries.rename(this.#kernel, dir, name, toDir, toName, mode);
  }
  unlink(dir: DirHandle, name: ByteString): void {
    entries.unlink(this.#kernel, dir, name);
  }
  removeDirectory(dir: DirHandle, name: ByteString): void {
    entries.removeDirectory(this.#kernel, dir, name);
  }

  setMode(dir: DirHandle, name: ByteString, mode: number): void {
    attributes.setMode(this.#kernel, dir, name, mode);
  }
  setOwner(dir: DirHandle, name: ByteString, uid: number, gid: number): void {
    attributes.setOwner(this.#kernel, dir, name, uid, gid);
  }
  setTimes(
    dir: DirHandle,
    name: ByteString,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void {
    attributes.setTimes(this.#kernel, dir, name, atime, atimeNanos, mtime, mtimeNanos);
  }
  setFileMode(file: FileHandle, mode: number): void {
    attributes.setHandleMode(this.#kernel, file, mode);
  }
  setFileOwner(file: FileHandle, uid: number, gid: number): void {
    attributes.setHandleOwner(this.#kernel, file, uid, gid);
  }
  setFileTimes(
    file: FileHandle,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void {
    attributes.setHandleTimes(this.#kernel, file, atime, atimeNanos, mtime, mtimeNanos);
  }
  setDirectoryMode(dir: DirHandle, mode: number): void {
    attributes.setHandleMode(this.#kernel, dir, mode);
  }
  setDirectoryOwner(dir: DirHandle, uid: number, gid: number): void {
    attributes.setHandleOwner(this.#kernel, dir, uid, gid);
  }
  setDirectoryTimes(
    dir: DirHandle,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void {
    attributes.setHandleTimes(this.#kernel, dir, atime, atimeNanos, mtime, mtimeNanos);
  }

  listXattrs(dir: DirHandle, name: ByteString): ByteString[] {
    return xattrs.listXattrs(this.#kernel, dir, name);
  }
  getXattr(dir: DirHandle, name: ByteString, attribute: ByteString): Uint8Array | undefined {
    return xattrs.getXattr(this.#kernel, dir, name, attribute);
  }
  setXattr(dir: DirHandle, name: ByteString, attribute: ByteString, value: Uint8Array): void {
    xattrs.setXattr(this.#kernel, dir, name, attribute, value);
  }
  removeXattr(dir: DirHandle, name: ByteString, attribute: ByteString): void {
    xattrs.removeXattr(this.#kernel, dir, name, attribute);
  }

  syncFile(file: FileHandle): void {
    flush.syncFile(this.#kernel, file);
  }
  syncDirectory(dir: DirHandle): void {
    flush.syncDirectory(this.#kernel, dir);
  }
  syncFileSystem(dir: DirHandle): void {
    flush.syncFileSystem(this.#kernel, dir);
  }
  freeBytes(dir: DirHandle): number {
    return flush.freeBytes(this.#kernel, dir);
  }
}
