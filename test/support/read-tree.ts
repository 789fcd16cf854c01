// A snapshot of everything a tree has, for comparison. On disk it is read with node:fs and
// getfattr, so that no door of ours vouches for itself.

import { createHash } from "node:crypto";
import type { PlaceEntry, TreePlace } from "./place.ts";
import {
  type ByteString,
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  permissionMask,
  typeMask,
} from "./rooms.ts";
import { toPlace } from "./write-tree.ts";

/** Everything that one path of a tree has, each as it is compared. */
export interface TreeEntry {
  readonly kind:
    | "file"
    | "directory"
    | "symlink"
    | "fifo"
    | "socket"
    | "character device"
    | "block device"
    | "unknown";
  /** Permission bits; 0o777 for symlinks. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for directories, whose size is the file system's own affair. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  /** 512-byte blocks. */
  readonly blocks: number;
  /** Device and inode. */
  readonly identity: string;
  /** First 32 hex digits of the content's SHA-256, or the errno that reading gave; "" for what has none. */
  readonly content: string;
  readonly target: ByteString;
  /** "major:minor" of a device. */
  readonly device: string;
  /** The first path, by bytes, of the same file in the tree; "" when there is no other name. */
  readonly linkGroup: ByteString;
  /** `name=value` lines, sorted; values escaped by JSON. */
  readonly xattrs: string;
}

/** A whole tree by path; "" is its top. */
export interface TreeSnapshot {
  readonly description: string;
  readonly entries: ReadonlyMap<ByteString, TreeEntry>;
}

/** Reads the tree below a folder (absolute path) or at a place. `without` leaves out paths and all below. */
export function readTree(
  where: ByteString | TreePlace,
  without: readonly ByteString[] = [],
): TreeSnapshot {
  const place = toPlace(where);
  const found = new Map<ByteString, PlaceEntry>();
  collect(place, "", found, new Set(without));
  const xattrs = place.xattrs();
  const groups = linkGroups(found);
  const entries = new Map<ByteString, TreeEntry>();
  for (const [path, entry] of found) {
    const values = xattrs.get(path) ?? new Map<ByteString, ByteString>();
    entries.set(path, {
      kind: kindOf(entry.mode),
      mode: entry.mode & permissionMask,
      uid: entry.uid,
      gid: entry.gid,
      size: isDirectory(entry.mode) ? 0 : entry.size,
      mtimeNs: entry.mtimeNs,
      atimeNs: entry.atimeNs,
      ctimeNs: entry.ctimeNs,
      blocks: entry.blocks,
      identity: entry.identity,
      content: isRegular(entry.mode) ? hashOf(place, path) : "",
      target: isSymlink(entry.mode) ? place.readTarget(path) : "",
      device: isDevice(entry.mode) ? `${entry.rdevMajor}:${entry.rdevMinor}` : "",
      linkGroup: groups.get(path) ?? "",
      xattrs: [...values]
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .sort()
        .join("\n"),
    });
  }
  return { description: place.description, entries };
}

function collect(
  place: TreePlace,
  path: ByteString,
  into: Map<ByteString, PlaceEntry>,
  without: ReadonlySet<ByteString>,
): void {
  const entry = place.entry(path);
  if (entry === undefined)
    throw new Error(`Cannot read tree ${place.description}: nothing at ${JSON.stringify(path)}`);
  into.set(path, entry);
  if (!isDirectory(entry.mode)) return;
  for (const name of place.names(path)) {
    const below = joinPath(path, name);
    if (!without.has(below)) collect(place, below, into, without);
  }
}

function linkGroups(found: ReadonlyMap<ByteString, PlaceEntry>): Map<ByteString, ByteString> {
  const members = new Map<string, ByteString[]>();
  for (const [path, entry] of found) {
    if (entry.nlink < 2 || isDirectory(entry.mode)) continue;
    const group = members.get(entry.identity);
    if (group === undefined) members.set(entry.identity, [path]);
    else group.push(path);
  }
  const groups = new Map<ByteString, ByteString>();
  for (const paths of members.values()) {
    if (paths.length < 2) continue;
    const first = paths.reduce((least, path) => (path < least ? path : least));
    for (const path of paths) groups.set(path, first);
  }
  return groups;
}

function hashOf(place: TreePlace, path: ByteString): string {
  try {
    return createHash("sha256").update(place.readContent(path)).digest("hex").slice(0, 32);
  } catch (error) {
    return `errno ${(error as { errno?: number }).errno ?? String(error)}`;
  }
}

function kindOf(mode: number): TreeEntry["kind"] {
  switch (mode & typeMask) {
    case 0o100000:
      return "file";
    case 0o040000:
      return "directory";
    case 0o120000:
      return "symlink";
    case 0o010000:
      return "fifo";
    case 0o140000:
      return "socket";
    case 0o020000:
      return "character device";
    case 0o060000:
      return "block device";
    default:
      return "unknown";
  }
}
