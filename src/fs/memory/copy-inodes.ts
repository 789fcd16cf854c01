// A deep copy of a tree of inodes with their volumes: a memory file system forked.

import { Inode } from "./inode.ts";
import type { Volume } from "./volume.ts";

/** Returns a copy of everything below this top; hard links, mounts and inode numbers are kept. */
export function copyInodes(top: Inode): Inode {
  const inodes = new Map<Inode, Inode>();
  const volumes = new Map<Volume, Volume>();
  const volumeOf = (volume: Volume): Volume => {
    const copy = volumes.get(volume) ?? volume.copy();
    volumes.set(volume, copy);
    return copy;
  };
  const copyOf = (inode: Inode): Inode => {
    const known = inodes.get(inode);
    if (known !== undefined) return known;
    const copy = new Inode(volumeOf(inode.volume), inode.mode, inode.number);
    inodes.set(inode, copy);
    copyAttributes(inode, copy);
    copy.content = inode.content?.copy();
    inode.folder?.forEach((name, child) => {
      copy.folder?.set(name, copyOf(child));
    });
    if (inode.parent !== undefined) copy.parent = copyOf(inode.parent);
    if (inode.mounted !== undefined) copy.mounted = copyOf(inode.mounted);
    return copy;
  };
  return copyOf(top);
}

function copyAttributes(from: Inode, to: Inode): void {
  to.uid = from.uid;
  to.gid = from.gid;
  to.nlink = from.nlink;
  to.mtime = from.mtime;
  to.mtimeNanos = from.mtimeNanos;
  to.ctime = from.ctime;
  to.ctimeNanos = from.ctimeNanos;
  to.atime = from.atime;
  to.atimeNanos = from.atimeNanos;
  to.crtime = from.crtime;
  to.crtimeNanos = from.crtimeNanos;
  to.rdevMajor = from.rdevMajor;
  to.rdevMinor = from.rdevMinor;
  to.target = from.target;
  // Values are replaced, never changed, so they can be shared.
  to.xattrs = from.xattrs === undefined ? undefined : new Map(from.xattrs);
}
