// What the memory door keeps of one file.

import type { ByteString } from "../../base/index.ts";
import { type Directory, isDirectory, isRegular, isSymlink } from "../../tree/index.ts";
import type { Stat } from "../file-system.ts";
import { Content } from "./content.ts";
import { Folder } from "./folder.ts";
import type { Volume } from "./volume.ts";

/** Major device number of every volume; the minor one tells them apart. */
const deviceMajor = 259;

/** What stat says of a directory's size. */
const directoryBytes = 4096;

/** A file, directory, link or node. Type-specific parts are undefined for other types. */
export class Inode {
  readonly volume: Volume;
  /** Never used again on its volume, so that a test can tell a new file from the old one. */
  readonly number: number;
  /** Type and permission bits. */
  mode: number;
  uid = 0;
  gid = 0;
  nlink = 1;
  mtime = 0;
  mtimeNanos = 0;
  ctime = 0;
  ctimeNanos = 0;
  atime = 0;
  atimeNanos = 0;
  crtime = 0;
  crtimeNanos = 0;
  rdevMajor = 0;
  rdevMinor = 0;
  target: ByteString = "";
  content: Content | undefined;
  readonly folder: Folder<Inode> | undefined;
  xattrs: Map<ByteString, Uint8Array> | undefined;
  /** The directory above, of directories; the top is its own. */
  parent: Inode | undefined;
  /** The top of the volume that covers this directory. */
  mounted: Inode | undefined;
  /** Handles that keep the file alive after its last name. */
  openCount = 0;

  constructor(volume: Volume, mode: number, number: number = volume.takeNumber()) {
    this.volume = volume;
    this.number = number;
    this.mode = mode;
    this.content = isRegular(mode) ? new Content() : undefined;
    this.folder = isDirectory(mode) ? new Folder(volume) : undefined;
    if (isDirectory(mode)) this.nlink = 2;
  }

  get size(): number {
    if (isRegular(this.mode)) return this.content?.size ?? 0;
    if (this.folder !== undefined) return directoryBytes;
    return isSymlink(this.mode) ? this.target.length : 0;
  }

  /** 512-byte blocks. */
  get blocks(): number {
    return this.content === undefined ? 0 : this.content.allocatedBytes / 512;
  }
}

/** Gives the space back once nothing names or holds the file. */
export function releaseIfUnused(inode: Inode): void {
  if (inode.nlink > 0 || inode.openCount > 0) return;
  inode.volume.inodes--;
  inode.content?.clear(inode.volume);
}

/** Fills a Stat. */
export function fillStat(inode: Inode, into: Stat): void {
  into.mode = inode.mode;
  into.size = inode.size;
  into.blocks = inode.blocks;
  into.mtime = inode.mtime;
  into.mtimeNanos = inode.mtimeNanos;
  into.ctime = inode.ctime;
  into.ctimeNanos = inode.ctimeNanos;
  into.atime = inode.atime;
  into.atimeNanos = inode.atimeNanos;
  into.crtime = inode.crtime;
  into.crtimeNanos = inode.crtimeNanos;
  into.uid = inode.uid;
  into.gid = inode.gid;
  into.nlink = inode.nlink;
  into.devMajor = deviceMajor;
  into.devMinor = inode.volume.deviceMinor;
  into.inoHigh = Math.floor(inode.number / 0x1_0000_0000);
  into.inoLow = inode.number >>> 0;
  into.rdevMajor = inode.rdevMajor;
  into.rdevMinor = inode.rdevMinor;
}

/** Fills the attribute columns of one entry. */
export function fillColumns(inode: Inode, listing: Directory, index: number): void {
  listing.problem[index] = 0;
  listing.mode[index] = inode.mode;
  listing.size[index] = inode.size;
  listing.blocks[index] = inode.blocks;
  listing.mtime[index] = inode.mtime;
  listing.mtimeNanos[index] = inode.mtimeNanos;
  listing.ctime[index] = inode.ctime;
  listing.ctimeNanos[index] = inode.ctimeNanos;
  listing.atime[index] = inode.atime;
  listing.atimeNanos[index] = inode.atimeNanos;
  listing.crtime[index] = inode.crtime;
  listing.crtimeNanos[index] = inode.crtimeNanos;
  listing.uid[index] = inode.uid;
  listing.gid[index] = inode.gid;
  listing.nlink[index] = inode.nlink;
  listing.devMajor[index] = deviceMajor;
  listing.devMinor[index] = inode.volume.deviceMinor;
  listing.inoHigh[index] = Math.floor(inode.number / 0x1_0000_0000);
  listing.inoLow[index] = inode.number >>> 0;
  listing.rdevMajor[index] = inode.rdevMajor;
  listing.rdevMinor[index] = inode.rdevMinor;
}
