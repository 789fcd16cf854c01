// Whether an entry of the target is what a changeset expects: by type and content identity only. A
// file with several names may look different because an order about one of them came before.

import type { ByteString } from "../../base/index.ts";
import type { ChangesetDigest, States } from "../../changeset/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import {
  type Directory,
  isDevice,
  isRegular,
  isSymlink,
  sameNanos,
  typeMask,
} from "../../tree/index.ts";
import { digestFile } from "../lane/file-digest.ts";
import { groupKey, isHardLinked } from "../tasks/link-groups.ts";

/** How closely the target is looked at. */
export interface Expectations {
  readonly fs: FileSystem;
  /** The kind of digests that states carry. */
  readonly digest: ChangesetDigest;
  /** Modification times are kept, and so identify content. */
  readonly hasTimes: boolean;
  /** Files with several names that orders have left in their place, with other attributes, perhaps. */
  readonly mended: MendedFiles;
}

/** Files with several names, by what they are. */
export class MendedFiles {
  readonly #keys = new Set<string>();

  /** Remembers a file if it has other names. */
  add(target: Directory, t: number): void {
    if (isHardLinked(target, t)) this.#keys.add(groupKey(target, t));
  }

  /** Says whether the file was added, under whatever name. */
  has(target: Directory, t: number): boolean {
    return this.#keys.size > 0 && this.#keys.has(groupKey(target, t));
  }
}

/**
 * Says whether entry `t` of a target listing (mode 0: nothing is there) is as row `i` says: a file by size and time, or
 * by its digest where one is carried; a symlink by where it points; a device by its number; everything else by type.
 */
export function isAsExpected(
  { fs, digest, hasTimes, mended }: Expectations,
  states: States,
  i: number,
  target: Directory,
  t: number,
  dir: DirHandle,
): boolean {
  const { columns } = states;
  const [mode, found] = [columns.mode[i] as number, target.mode[t] as number];
  if (mode === 0 || found === 0) return mode === found;
  if (((mode ^ found) & typeMask) !== 0) return false;
  if (isSymlink(mode)) return columns.linkTargets.get(i) === target.linkTargets.get(t);
  if (isDevice(mode)) {
    return (
      columns.rdevMajor[i] === target.rdevMajor[t] && columns.rdevMinor[i] === target.rdevMinor[t]
    );
  }
  if (!isRegular(mode)) return true;
  // A name of a file that was found to be right, under a name before this one.
  if (states.links.has(i) && mended.has(target, t)) return true;
  if (columns.size[i] !== target.size[t]) return false;
  if (hasTimes && isSameTime(fs, columns, i, target, t)) return true;
  const wanted = states.digests.get(i);
  if (wanted === undefined) return !hasTimes;
  return hasDigest(fs, dir, target.name(t), wanted, digest);
}

/** Times are compared at the coarser granularity of the two, and in the steps that this door keeps. */
function isSameTime(
  { abilities }: FileSystem,
  a: Directory,
  i: number,
  b: Directory,
  k: number,
): boolean {
  if (a.mtime[i] !== b.mtime[k]) return false;
  const [aNanos, bNanos] = [a.mtimeNanos[i] as number, b.mtimeNanos[k] as number];
  return aNanos === 0 || bNanos === 0 || sameNanos(abilities, aNanos, bNanos);
}

/** Says whether a file has content of this digest; one that cannot be read has not. */
export function hasDigest(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  wanted: Uint8Array,
  digest: ChangesetDigest,
): boolean {
  try {
    return Buffer.compare(digestFile(fs, dir, name, digest), wanted) === 0;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}
