// The portable door put together: each method one line to the file that does it.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statfsSync,
} from "node:fs";
import { type ByteString, errno } from "../../base/index.ts";
import type { Directory } from "../../tree/index.ts";
import { hasChangeTimes } from "../change-times.ts";
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
import { FsError } from "../fs-error.ts";
import { type OperatorLinks, ownLinks } from "../operator-path.ts";
import * as content from "./content.ts";
import * as entries from "./entries.ts";
import { looksAtLinks, openOperatorDirectory, openOperatorFile } from "./operator-path.ts";
import { perform, release } from "./perform.ts";
import { bestPins, type Pins, pathPins } from "./pins.ts";
import * as attributes from "./read-attributes.ts";
import { readNames } from "./read-names.ts";
import { checkName, checkPath, openDirectory } from "./walk.ts";
import * as changes from "./write-attributes.ts";

/** How a portable door works. */
export interface PortableOptions {
  /** What is asked of links on the operator's paths. */
  readonly links?: OperatorLinks | undefined;
  /** Paths instead of descriptors, as on systems without /proc; for tests. */
  readonly byPath?: boolean;
}

/** Returns a door to the machine's files that needs nothing but node:fs. */
export function portableFileSystem({
  byPath = false,
  links = ownLinks,
}: PortableOptions = {}): FileSystem {
  return new PortableFileSystem(byPath ? pathPins() : bestPins(), links);
}

class PortableFileSystem implements FileSystem {
  readonly kind = "portable";
  readonly abilities: Abilities;
  readonly #pins: Pins;
  readonly #links: OperatorLinks;

  constructor(pins: Pins, links: OperatorLinks) {
    this.#pins = pins;
    this.#links = links;
    this.abilities = {
      timeStep: 1000,
      xattrs: false,
      specials: false,
      devices: false,
      holes: false,
      kernelCopy: false,
      renameFlags: false,
      wholeFlush: false,
      confined: pins.confined,
    };
  }

  openRoot(path: ByteString, follow: OperatorFollow = "trusted"): DirHandle {
    checkPath(path, "open");
    if (path === "") throw new FsError(errno.ENOENT, "open", path);
    const opening = { links: this.#links, follow };
    return looksAtLinks(opening)
      ? openOperatorDirectory(this.#pins, undefined, path, opening)
      : this.#pins.pin(path, path, false);
  }
  openDirectory(dir: DirHandle, path: ByteString, follow: Follow = "none"): DirHandle {
    const opening = { links: this.#links, follow };
    return looksAtLinks(opening)
      ? openOperatorDirectory(this.#pins, dir, path === "" ? "." : path, opening)
      : openDirectory(this.#pins, dir, path, follow);
  }
  closeDirectory(dir: DirHandle): void {
    this.#pins.unpin(dir);
  }

  readNames(dir: DirHandle, listing: Directory): void {
    readNames(this.#pins, dir, listing);
  }
  statEntries(dir: DirHandle, listing: Directory, from: number, to: number, follow = false): void {
    attributes.statEntries(this.#pins, dir, listing, { from, to, follow });
  }
  stat(dir: DirHandle, name: ByteString, into: Stat, follow = false): boolean {
    return attributes.stat(this.#pins, dir, name, { into, follow });
  }
  statDirectory(dir: DirHandle, into: Stat): void {
    attributes.fillStat(this.#pins.stat(dir), into, "");
  }
  statFile(file: FileHandle, into: Stat): void {
    attributes.statFile(file, into);
  }
  readLink(dir: DirHandle, name: ByteString): ByteString {
    return entries.readLink(this.#pins, dir, name);
  }

  openRead(
    dir: DirHandle,
    name: ByteString,
    options?: { noAtime?: boolean; follow?: Follow },
  ): FileHandle {
    const opening = { links: this.#links, follow: options?.follow ?? "none" };
    if (!looksAtLinks(opening)) return content.openRead(this.#pins, dir, name, options);
    checkName(name, "open");
    const { O_RDONLY, O_NONBLOCK } = constants;
    return openOperatorFile(this.#pins, dir, name, { ...opening, flags: O_RDONLY | O_NONBLOCK });
  }
  createFile(dir: DirHandle, name: ByteString, mode: number): FileHandle {
    return content.createFile(this.#pins, dir, name, mode);
  }
  openWrite(dir: DirHandle, name: ByteString, devices = false): FileHandle {
    return content.openWrite(this.#pins, dir, name, devices);
  }
  closeFile(file: FileHandle): void {
    perform("close", "", () => closeSync(file));
  }
  read(
    file: FileHandle,
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number {
    return content.read(file, into, offset, length, position);
  }
  write(
    file: FileHandle,
    from: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): void {
    content.write(file, from, offset, length, position);
  }
  truncate(file: FileHandle, size: number): void {
    perform("ftruncate", "", () => ftruncateSync(file, size));
  }

  allocate(): boolean {
    return false;
  }
  punchHole(): boolean {
    return false;
  }
  seekData(_file: FileHandle, offset: number): number {
    return offset;
  }
  seekHole(file: FileHandle, offset: number): number {
    return Math.max(offset, perform("fstat", "", () => fstatSync(file)).size);
  }
  copyRange(): number {
    return -1;
  }
  clone(): boolean {
    return false;
  }

  makeDirectory(dir: DirHandle, name: ByteString, mode: number): void {
    entries.makeDirectory(this.#pins, dir, name, mode);
  }
  makeSymlink(dir: DirHandle, name: ByteString, target: ByteString): void {
    entries.makeSymlink(this.#pins, dir, name, target);
  }
  makeNode(dir: DirHandle, name: ByteString): void {
    entries.makeNode(this.#pins, dir, name);
  }
  link(dir: DirHandle, name: ByteString, toDir: DirHandle, toName: ByteString): void {
    entries.link(this.#pins, { dir, name, toDir, toName });
  }
  rename(
    dir: DirHandle,
    name: ByteString,
    toDir: DirHandle,
    toName: ByteString,
    mode: RenameMode = "replace",
  ): void {
    entries.rename(this.#pins, { dir, name, toDir, toName }, mode);
  }
  unlink(dir: DirHandle, name: ByteString): void {
    entries.unlink(this.#pins, dir, name);
  }
  removeDirectory(dir: DirHandle, name: ByteString): void {
    entries.removeDirectory(this.#pins, dir, name);
  }

  setMode(dir: DirHandle, name: ByteString, mode: number): void {
    changes.setMode(this.#pins, dir, name, mode);
  }
  setOwner(dir: DirHandle, name: ByteString, uid: number, gid: number): void {
    changes.setOwner(this.#pins, dir, name, { uid, gid });
  }
  setTimes(
    dir: DirHandle,
    name: ByteString,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void {
    changes.setTimes(this.#pins, dir, name, { atime, atimeNanos, mtime, mtimeNanos });
  }
  setFileMode(file: FileHandle, mode: number): void {
    changes.setFileMode(file, mode);
  }
  setFileOwner(file: FileHandle, uid: number, gid: number): void {
    changes.setFileOwner(file, uid, gid);
  }
  setFileTimes(
    file: FileHandle,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void {
    changes.setFileTimes(file, { atime, atimeNanos, mtime, mtimeNanos });
  }
  setDirectoryMode(dir: DirHandle, mode: number): void {
    changes.setDirectoryMode(this.#pins, dir, mode);
  }
  setDirectoryOwner(dir: DirHandle, uid: number, gid: number): void {
    changes.setDirectoryOwner(this.#pins, dir, uid, gid);
  }
  setDirectoryTimes(
    dir: DirHandle,
    atime: number,
    atimeNanos: number,
    mtime: number,
    mtimeNanos: number,
  ): void {
    changes.setDirectoryTimes(this.#pins, dir, { atime, atimeNanos, mtime, mtimeNanos });
  }

  listXattrs(dir: DirHandle, name: ByteString): ByteString[] {
    this.#checkXattrName(dir, name, "listxattr");
    return [];
  }
  getXattr(dir: DirHandle, name: ByteString): undefined {
    this.#checkXattrName(dir, name, "getxattr");
  }
  setXattr(dir: DirHandle, name: ByteString): void {
    this.#checkXattrName(dir, name, "setxattr");
    throw new FsError(errno.EOPNOTSUPP, "setxattr", name);
  }
  removeXattr(dir: DirHandle, name: ByteString): void {
    this.#checkXattrName(dir, name, "removexattr");
    throw new FsError(errno.EOPNOTSUPP, "removexattr", name);
  }
  #checkXattrName(dir: DirHandle, name: ByteString, operation: string): void {
    this.#pins.self(dir);
    if (name !== "") checkName(name, operation);
  }

  syncFile(file: FileHandle): void {
    perform("fsync", "", () => fsyncSync(file));
  }
  syncDirectory(dir: DirHandle): void {
    const path = Buffer.from(this.#pins.self(dir), "latin1");
    const file = perform("open", "", () => openSync(path, constants.O_RDONLY));
    try {
      perform("fsync", "", () => fsyncSync(file));
    } finally {
      release(file);
    }
  }
  syncFileSystem(dir: DirHandle): void {
    this.syncDirectory(dir);
  }
  stampsChanges(handle: DirHandle | FileHandle): boolean {
    // Elsewhere handles are not what /proc has.
    if (!this.#pins.confined) return false;
    const path = `/proc/self/fd/${handle}`;
    return perform("statfs", "", () => hasChangeTimes(statfsSync(path).type));
  }
  freeBytes(dir: DirHandle): number {
    const path = Buffer.from(this.#pins.self(dir), "latin1");
    const { bavail, bsize } = perform("statfs", "", () => statfsSync(path, { bigint: true }));
    return Number(bavail * bsize);
  }
}
