// Reads extended attributes, the POSIX access control lists among them, of a listing's entries.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import {
  accessAclName,
  type Directory,
  defaultAclName,
  isAclName,
  typeDirectory,
  typeMask,
  typeSymlink,
  type Xattr,
} from "../../tree/index.ts";
import { entryLabel } from "./entry-label.ts";
import type { OpenOrigin, ScanContext, XattrWishes } from "./request.ts";

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
      const found = xattrsOf(from.fs, from.dir, name, xattrs, listing.mode[i]);
      if (found.length > 0) listing.setXattrs(i, found);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code === "ENOENT") continue;
      context.problem(entryLabel(from.label, name), error.operation, error.errno);
    }
  }
}

/**
 * Returns the wanted attributes of one entry, sorted by name; none where the file system has none. `name` "" or "." is
 * the directory itself. `mode` spares questions that its type cannot answer; 0 = not known. Throws FsError.
 */
export function xattrsOf(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  wishes: XattrWishes,
  mode = 0,
): Xattr[] {
  const found: Xattr[] = [];
  const at = name === "." ? "" : name;
  const take = (attribute: ByteString): void => {
    const value = fs.getXattr(dir, at, attribute);
    if (value !== undefined) found.push({ name: attribute, value });
  };
  const type = mode & typeMask;
  if (wishes.acls && type !== typeSymlink) {
    take(accessAclName);
    if (type === typeDirectory || type === 0) take(defaultAclName);
  }
  const { named } = wishes;
  if (named === undefined) return found;
  for (const attribute of fs.listXattrs(dir, at).sort()) {
    if (!(wishes.acls && isAclName(attribute)) && named(attribute)) take(attribute);
  }
  return found;
}
