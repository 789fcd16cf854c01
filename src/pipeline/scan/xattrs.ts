// Reads extended attributes (POSIX ACLs among them) of a listing's entries.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import type { Directory, Xattr } from "../../tree/index.ts";
import type { OpenOrigin, ScanContext } from "./request.ts";

const notSupported = 95;

/** Reads the wanted attributes of every entry from `first` on into the listing's side table. */
export function readXattrs(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): void {
  const { xattrs } = context.options;
  if (xattrs === undefined || !from.fs.abilities.xattrs) return;
  for (let i = first; i < listing.count; i++) {
    const name = listing.name(i);
    try {
      const found = xattrsOf(from.fs, from.dir, name, xattrs);
      if (found.length > 0) listing.setXattrs(i, found);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      context.problem(joinPath(from.label, name), "getxattr", error.errno);
    }
  }
}

/** Returns the wanted attributes of one entry, sorted by name; none where the file system has none. */
export function xattrsOf(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  wanted: (attribute: ByteString) => boolean,
): Xattr[] {
  const found: Xattr[] = [];
  let names: ByteString[];
  try {
    names = fs.listXattrs(dir, name);
  } catch (error) {
    if (error instanceof FsError && error.errno === notSupported) return found;
    throw error;
  }
  for (const attribute of names.sort()) {
    if (!wanted(attribute)) continue;
    const value = fs.getXattr(dir, name, attribute);
    if (value !== undefined) found.push({ name: attribute, value });
  }
  return found;
}
