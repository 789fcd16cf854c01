// Entries that rsync sends as rows of listings.

import type { ByteString } from "../../base/index.ts";
import type { WireEntry } from "../../rsync/index.ts";
import { type Directory, isDirectory, isSymlink } from "../../tree/index.ts";
import { accessXattrs } from "./rsync-acls.ts";

const noInode = 1;
const linkedNames = 0xffff_ffff;
const digestRoom = 32;

/** What is known of an entry besides itself. */
export interface RowFacts {
  /** How many names its file has; undefined = several. */
  readonly links: number | undefined;
  /** The verdict on a parent that only leads somewhere. */
  readonly implied: number;
  /** What is put ahead of the targets of symlinks. */
  readonly linkPrefix: ByteString;
  /** Says which extended attributes are taken. */
  readonly takesXattr: (name: ByteString) => boolean;
}

/** Fills a row with what the other end says of an entry. */
export function fillRow(
  columns: Directory,
  row: number,
  entry: WireEntry,
  { links = linkedNames, implied, linkPrefix, takesXattr }: RowFacts,
): void {
  columns.size[row] = entry.size;
  columns.mtime[row] = entry.mtime;
  columns.mtimeNanos[row] = entry.mtimeNanos;
  columns.atime[row] = entry.atime;
  columns.atimeNanos[row] = 0;
  columns.ctime[row] = 0;
  columns.ctimeNanos[row] = 0;
  columns.crtime[row] = entry.crtime;
  columns.crtimeNanos[row] = 0;
  columns.blocks[row] = Math.ceil(entry.size / 512);
  columns.uid[row] = entry.uid;
  columns.gid[row] = entry.gid;
  columns.rdevMajor[row] = entry.rdevMajor;
  columns.rdevMinor[row] = entry.rdevMinor;
  const { firstLink } = entry;
  columns.nlink[row] = links;
  columns.devMajor[row] = noInode;
  columns.devMinor[row] = 0;
  columns.inoHigh[row] = 0;
  columns.inoLow[row] = firstLink ?? 0;
  // Where links are only listed their targets do not come, and nobody looks at them.
  if (isSymlink(entry.mode)) columns.setLinkTarget(row, linkPrefix + (entry.linkTarget ?? "."));
  if (entry.isBare && entry.isTop && isDirectory(entry.mode)) {
    columns.verdict[row] = implied;
  }
  const xattrs = accessXattrs(entry, takesXattr);
  if (xattrs.length > 0) columns.setXattrs(row, xattrs);
}

/** Digests of listings have more room than rsync's. */
export function roomyDigest(digest: Uint8Array): Uint8Array {
  const roomy = new Uint8Array(digestRoom);
  roomy.set(digest.subarray(0, digestRoom));
  return roomy;
}
