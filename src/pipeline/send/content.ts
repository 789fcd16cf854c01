// Opens the content of a source file for the receiver, and says afterwards whether what was read
// is what the scan saw (promises P7 and P9: a kernel copy is trusted by its exact length and an
// unchanged source identity).

import type { ByteString } from "../../base/index.ts";
import {
  type DirHandle,
  type FileHandle,
  type FileSystem,
  type Follow,
  Stat,
} from "../../fs/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";

/** Where the source entries of one listing lie. */
export interface ContentPlace {
  readonly fs: FileSystem;
  readonly dir: DirHandle;
  readonly follow: Follow;
  readonly noAtime: boolean;
}

const stat = new Stat();

/** Opens entry `name` for reading. Throws FsError. */
export function openContent(place: ContentPlace, name: ByteString): FileHandle {
  return place.fs.openRead(place.dir, name, { follow: place.follow, noAtime: place.noAtime });
}

/** Says whether the open file is still what entry `i` of the listing describes. */
export function isUnchanged(
  fs: FileSystem,
  file: FileHandle,
  listing: Directory,
  i: number,
): boolean {
  fs.statFile(file, stat);
  return (
    stat.size === listing.size[i] &&
    stat.mtime === listing.mtime[i] &&
    stat.mtimeNanos === listing.mtimeNanos[i] &&
    stat.inoLow === listing.inoLow[i] &&
    stat.inoHigh === listing.inoHigh[i] &&
    stat.ctime === listing.ctime[i] &&
    stat.ctimeNanos === listing.ctimeNanos[i]
  );
}

/**
 * Writes the open file's present size, times and identity onto entry `i`, when it changed since the scan. False = it
 * is no regular file, and nothing was written.
 */
export function refreshEntry(
  fs: FileSystem,
  file: FileHandle,
  listing: Directory,
  i: number,
): boolean {
  fs.statFile(file, stat);
  if (!isRegular(stat.mode)) return false;
  listing.size[i] = stat.size;
  listing.mtime[i] = stat.mtime;
  listing.mtimeNanos[i] = stat.mtimeNanos;
  listing.ctime[i] = stat.ctime;
  listing.ctimeNanos[i] = stat.ctimeNanos;
  listing.inoLow[i] = stat.inoLow;
  listing.inoHigh[i] = stat.inoHigh;
  return true;
}
