// On a file system that takes names for the same that differ in case, an entry of the target may be the source's under
// another spelling: it gets the source's, and is no extra entry that would be deleted after the new one was written.

import { toText } from "../../base/index.ts";
import { type DirHandle, FsError, Stat } from "../../fs/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";

const stat = new Stat();

/**
 * Gives entries of the target's listing the source's spelling where the directory says that they are the same; true =
 * there were such. `taken`: which of them the source has as they are.
 */
export function respell(
  lane: LaneContext,
  dir: DirHandle,
  target: Directory,
  taken: Uint8Array,
): boolean {
  const { source, orders } = lane;
  const missing: number[] = [];
  for (let i = 0; i < source.count; i++) if ((orders.target[i] as number) < 0) missing.push(i);
  if (missing.length === 0) return false;
  const extra = new Map<string, number>();
  for (let t = 0; t < target.count; t++) {
    if (taken[t] === 0) extra.set(folded(target, t), t);
  }
  if (extra.size === 0) return false;
  let isAny = false;
  for (const i of missing) {
    const t = extra.get(folded(source, i));
    if (t === undefined) continue;
    // The listing has not got that name, and the directory has: it folds. If one is not the same, none is.
    if (!lane.fs.stat(dir, source.name(i), stat)) return isAny;
    isAny = rename(lane, dir, target, t, i) || isAny;
  }
  return isAny;
}

/** The name as such file systems compare it, about. */
function folded(listing: Directory, i: number): string {
  return toText(listing.name(i)).toLowerCase();
}

/** Renames the entry, or only says so in a dry run; false = the names are of other lengths, or it cannot be. */
function rename(
  lane: LaneContext,
  dir: DirHandle,
  target: Directory,
  t: number,
  i: number,
): boolean {
  const { source, fs, settings } = lane;
  const length = target.nameLength[t] as number;
  if (length !== source.nameLength[i]) return false;
  try {
    if (!settings.options.transfer.dryRun) fs.rename(dir, target.name(t), dir, source.name(i));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
  const from = source.nameStart[i] as number;
  target.names.set(source.names.subarray(from, from + length), target.nameStart[t] as number);
  return true;
}
