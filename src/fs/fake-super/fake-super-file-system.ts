// A file door that keeps what needs privileges in extended attributes (rsync(1), --fake-super).
//
// Around another door. Owners, groups, special permission bits and device numbers are stored as
// text beside the file (virtual-stat.ts) and shown as if they were real; access control lists and
// attributes outside of user.* likewise (fake-xattrs.ts). Symlinks, devices and special files are
// made as regular files that pretend. Everything else, content above all, passes through.
// Format and effect are rsync's: trees go from one to the other and back.

import { type ByteString, errno, fromBytes, toBytes } from "../../base/index.ts";
import {
  aclMode,
  type Directory,
  isDevice,
  isSpecial,
  isSymlink,
  permissionMask,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../../tree/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, Stat } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { getFakeXattr, listFakeXattrs, removeFakeXattr, setFakeXattr } from "./fake-xattrs.ts";
import { passThrough } from "./pass-through.ts";
import { overlay, readVirtual, realMode, type VirtualStat, writeVirtual } from "./virtual-stat.ts";

const keepId = 0xffffffff;
const linkBytesMax = 4096;
const accessBits = 0o777;
const symlinkMode = typeSymlink | accessBits;

/** What differs between the two ends of a run. */
export interface FakeSuperOptions {
  /**
   * Where a real symlink points is told as it is ("tell", for a source), or as nowhere ("hide", for a target: it shall
   * be replaced by one that only pretends).
   */
  readonly realSymlinks: "tell" | "hide";
}

/** Returns the door around `inner`. Handles are the inner door's. */
export function fakeSuperFileSystem(inner: FileSystem, options: FakeSuperOptions): FileSystem {
  const door = new FakeSuper(inner, options);
  return {
    ...passThrough(inner),
    ...passThrough(door),
    kind: inner.kind,
    abilities: { ...inner.abilities, specials: true, devices: true },
  };
}

/** Where an entry is; "" is the directory itself. */
interface Place {
  readonly dir: DirHandle;
  readonly name: ByteString;
}

type Overridden =
  | "statEntries"
  | "stat"
  | "statDirectory"
  | "statFile"
  | "readLink"
  | "createFile"
  | "openWrite"
  | "closeFile"
  | "makeDirectory"
  | "makeSymlink"
  | "makeNode"
  | "setMode"
  | "setOwner"
  | "setFileMode"
  | "setFileOwner"
  | "setDirectoryMode"
  | "setDirectoryOwner"
  | "listXattrs"
  | "getXattr"
  | "setXattr"
  | "removeXattr";

class FakeSuper implements Pick<FileSystem, Overridden> {
  readonly #inner: FileSystem;
  readonly #options: FakeSuperOptions;
  /** Open files by handle: an open file's attributes are reached by its name. */
  readonly #open = new Map<FileHandle, Place>();
  readonly #stat = new Stat();

  constructor(inner: FileSystem, options: FakeSuperOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  statEntries(dir: DirHandle, listing: Directory, from: number, to: number, follow = false): void {
    this.#inner.statEntries(dir, listing, from, to, follow);
    for (let i = from; i < to; i++) {
      if (listing.problem[i] !== 0 || !canPretend(listing.mode[i] as number)) continue;
      try {
        const virtual = readVirtual(this.#inner, dir, listing.name(i));
        if (virtual === undefined) continue;
        listing.mode[i] = virtual.mode;
        listing.uid[i] = virtual.uid;
        listing.gid[i] = virtual.gid;
        listing.rdevMajor[i] = virtual.rdevMajor;
        listing.rdevMinor[i] = virtual.rdevMinor;
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        listing.mode[i] = 0;
        listing.problem[i] = error.errno;
      }
    }
  }

  stat(dir: DirHandle, name: ByteString, into: Stat, follow = false): boolean {
    if (!this.#inner.stat(dir, name, into, follow)) return false;
    this.#overlay({ dir, name }, into);
    return true;
  }

  statDirectory(dir: DirHandle, into: Stat): void {
    this.#inner.statDirectory(dir, into);
    this.#overlay({ dir, name: "" }, into);
  }

  statFile(file: FileHandle, into: Stat): void {
    this.#inner.statFile(file, into);
    const place = this.#open.get(file);
    if (place !== undefined) this.#overlay(place, into);
  }

  readLink(dir: DirHandle, name: ByteString): ByteString {
    const real = this.#real({ dir, name });
    if (isSymlink(real.mode)) {
      return this.#options.realSymlinks === "tell" ? this.#inner.readLink(dir, name) : "";
    }
    if (!isSymlink(readVirtual(this.#inner, dir, name)?.mode ?? 0)) {
      throw new FsError(errno.EINVAL, "readlinkat", name);
    }
    const file = this.#inner.openRead(dir, name);
    try {
      const bytes = new Uint8Array(linkBytesMax);
      const length = this.#inner.read(file, bytes, 0, linkBytesMax, 0);
      return fromBytes(bytes, 0, length);
    } finally {
      this.#inner.closeFile(file);
    }
  }

  createFile(dir: DirHandle, name: ByteString, mode: number): FileHandle {
    const file = this.#inner.createFile(dir, name, realMode(0, mode));
    this.#open.set(file, { dir, name });
    if (realMode(typeRegular, mode) !== (typeRegular | mode)) this.setMode(dir, name, mode);
    return file;
  }

  openWrite(dir: DirHandle, name: ByteString, devices?: boolean): FileHandle {
    const file = this.#inner.openWrite(dir, name, devices);
    this.#open.set(file, { dir, name });
    return file;
  }

  closeFile(file: FileHandle): void {
    this.#open.delete(file);
    this.#inner.closeFile(file);
  }

  makeDirectory(dir: DirHandle, name: ByteString, mode: number): void {
    this.#inner.makeDirectory(dir, name, (mode & accessBits) | 0o700);
    if (((mode & accessBits) | 0o700) !== mode) this.setMode(dir, name, mode);
  }

  makeSymlink(dir: DirHandle, name: ByteString, target: ByteString): void {
    const file = this.#inner.createFile(dir, name, 0o600);
    try {
      const bytes = toBytes(target);
      this.#inner.write(file, bytes, 0, bytes.length, 0);
    } finally {
      this.#inner.closeFile(file);
    }
    this.#change({ dir, name }, (now) => ({ ...now, mode: symlinkMode }));
  }

  makeNode(
    dir: DirHandle,
    name: ByteString,
    mode: number,
    rdevMajor: number,
    rdevMinor: number,
  ): void {
    this.#inner.closeFile(this.#inner.createFile(dir, name, 0o600));
    const device = isDevice(mode) ? { rdevMajor, rdevMinor } : {};
    this.#change({ dir, name }, (now) => ({ ...now, mode, ...device }));
  }

  setMode(dir: DirHandle, name: ByteString, mode: number): void {
    this.#change({ dir, name }, (now) => {
      if (isSymlink(now.mode)) throw new FsError(errno.EOPNOTSUPP, "chmod", name);
      return { ...now, mode: (now.mode & typeMask) | (mode & permissionMask) };
    });
  }

  setOwner(dir: DirHandle, name: ByteString, uid: number, gid: number): void {
    this.#change({ dir, name }, (now) => ({
      ...now,
      uid: uid === keepId ? now.uid : uid,
      gid: gid === keepId ? now.gid : gid,
    }));
  }

  setFileMode(file: FileHandle, mode: number): void {
    const { dir, name } = this.#placeOf(file, "fchmod");
    this.setMode(dir, name, mode);
  }

  setFileOwner(file: FileHandle, uid: number, gid: number): void {
    const { dir, name } = this.#placeOf(file, "fchownat");
    this.setOwner(dir, name, uid, gid);
  }

  setDirectoryMode(dir: DirHandle, mode: number): void {
    this.setMode(dir, "", mode);
  }

  setDirectoryOwner(dir: DirHandle, uid: number, gid: number): void {
    this.setOwner(dir, "", uid, gid);
  }

  listXattrs(dir: DirHandle, name: ByteString): ByteString[] {
    return listFakeXattrs(this.#inner, dir, name, () => this.#mode({ dir, name }));
  }

  getXattr(dir: DirHandle, name: ByteString, attribute: ByteString): Uint8Array | undefined {
    return getFakeXattr(this.#inner, dir, name, attribute, () => this.#mode({ dir, name }));
  }

  setXattr(dir: DirHandle, name: ByteString, attribute: ByteString, value: Uint8Array): void {
    const acl = setFakeXattr(this.#inner, dir, name, attribute, value);
    if (acl === undefined) return;
    this.#change({ dir, name }, (now) => ({
      ...now,
      mode: (now.mode & ~accessBits) | aclMode(acl),
    }));
  }

  removeXattr(dir: DirHandle, name: ByteString, attribute: ByteString): void {
    removeFakeXattr(this.#inner, dir, name, attribute);
  }

  #overlay({ dir, name }: Place, into: Stat): void {
    if (!canPretend(into.mode)) return;
    const virtual = readVirtual(this.#inner, dir, name);
    if (virtual !== undefined) overlay(into, virtual);
  }

  /** How the entry really is, in a record that the next call fills again. */
  #real({ dir, name }: Place): Stat {
    if (name === "") this.#inner.statDirectory(dir, this.#stat);
    else if (!this.#inner.stat(dir, name, this.#stat))
      throw new FsError(errno.ENOENT, "statx", name);
    return this.#stat;
  }

  #mode(place: Place): number {
    const { mode } = this.#real(place);
    return readVirtual(this.#inner, place.dir, place.name)?.mode ?? mode;
  }

  #change(place: Place, wanted: (now: VirtualStat) => VirtualStat): void {
    const real = this.#real(place);
    // Nothing can be pretended about these, and what they are is left alone.
    if (!canPretend(real.mode)) return;
    const before = readVirtual(this.#inner, place.dir, place.name);
    const { mode, uid, gid } = real;
    const now = before ?? { mode, uid, gid, rdevMajor: 0, rdevMinor: 0 };
    writeVirtual(this.#inner, place, real, before, wanted(now));
  }

  #placeOf(file: FileHandle, operation: string): Place {
    const place = this.#open.get(file);
    if (place === undefined) throw new FsError(errno.EBADF, operation, "");
    return place;
  }
}

/** Real devices and special files stand for themselves, and Linux gives user attributes to no symlink. */
function canPretend(realMode: number): boolean {
  return !isDevice(realMode) && !isSpecial(realMode) && !isSymlink(realMode) && realMode !== 0;
}
