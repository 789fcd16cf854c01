// What a scan does about symlinks: reads their targets, and follows the ones that the user wants
// replaced by what they point at (-L, -k, --copy-unsafe-links).

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import {
  type Directory,
  isUnsafeSymlink,
  typeDirectory,
  typeMask,
  typeSymlink,
} from "../../tree/index.ts";
import type { OpenOrigin, ScanContext } from "./request.ts";

const stat = new Stat();

/** Reads the target of every symlink from `first` on into the listing's side table. */
export function readLinkTargets(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): void {
  for (let i = first; i < listing.count; i++) {
    if (((listing.mode[i] as number) & typeMask) !== typeSymlink) continue;
    readLinkTarget(context, from, listing, i, listing.name(i));
  }
}

/** The same for one symlink, whose name in the source need not be its name in the transfer. */
export function readLinkTarget(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  i: number,
  name: ByteString,
): void {
  const target = readTarget(context, from, name);
  if (target === undefined) listing.complete = false;
  else listing.setLinkTarget(i, target);
}

function readTarget(
  context: ScanContext,
  from: OpenOrigin,
  name: ByteString,
): ByteString | undefined {
  try {
    return from.fs.readLink(from.dir, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.problem(joinPath(from.label, name), "readlink", error.errno);
    return undefined;
  }
}

/** Replaces the attributes of symlinks that are to be followed by those of what they point at. */
export function resolveLinks(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  first: number,
): void {
  for (let i = first; i < listing.count; i++) {
    if (((listing.mode[i] as number) & typeMask) === typeSymlink)
      resolveLink(context, from, listing, i);
  }
}

/** Follows entry `index`, a symlink, if the options say so. `name` is its name in the source. */
export function resolveLink(
  context: ScanContext,
  from: OpenOrigin,
  listing: Directory,
  index: number,
  name: ByteString = listing.name(index),
): void {
  const { options } = context;
  let wanted = options.copyLinks;
  if (!wanted && options.copyUnsafe) {
    const target = readTarget(context, from, name);
    if (target !== undefined && isUnsafeSymlink(target, joinPath(from.path, name))) {
      wanted = true;
      context.note(
        "symsafe",
        1,
        `copying unsafe symlink "${joinPath(from.label, name)}" -> "${target}"`,
      );
    }
  }
  if (!wanted && !options.copyDirLinks) return;
  const found = from.fs.stat(from.dir, name, stat, true);
  if (found && (wanted || (stat.mode & typeMask) === typeDirectory)) copyStat(listing, index, stat);
  else if (!found && wanted) {
    listing.problem[index] = 2;
    listing.complete = false;
    context.problem(joinPath(from.label, name), "follow", 2, "symlink has no referent");
  }
}

/** Writes the attributes of a stat record onto entry `index`. */
export function copyStat(listing: Directory, index: number, from: Stat): void {
  listing.mode[index] = from.mode;
  listing.size[index] = from.size;
  listing.blocks[index] = from.blocks;
  listing.mtime[index] = from.mtime;
  listing.mtimeNanos[index] = from.mtimeNanos;
  listing.ctime[index] = from.ctime;
  listing.ctimeNanos[index] = from.ctimeNanos;
  listing.atime[index] = from.atime;
  listing.atimeNanos[index] = from.atimeNanos;
  listing.crtime[index] = from.crtime;
  listing.crtimeNanos[index] = from.crtimeNanos;
  listing.uid[index] = from.uid;
  listing.gid[index] = from.gid;
  listing.nlink[index] = from.nlink;
  listing.devMajor[index] = from.devMajor;
  listing.devMinor[index] = from.devMinor;
  listing.inoHigh[index] = from.inoHigh;
  listing.inoLow[index] = from.inoLow;
  listing.rdevMajor[index] = from.rdevMajor;
  listing.rdevMinor[index] = from.rdevMinor;
}
