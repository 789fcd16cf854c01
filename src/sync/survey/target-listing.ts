// The target's side of a survey: all of a directory where something may be deleted, else only the
// names that the source has.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import {
  type Directory,
  dropTwins,
  hideState,
  matchEntries,
  sortListing,
  typeMask,
  typeSymlink,
} from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { readTargetLinks, readTargetXattrs } from "../lane/target-details.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import { respell } from "./respell.ts";

/** Which entries of the last full target listing have a counterpart in the source: 1 = they have. */
export const takenMarks = { bytes: new Uint8Array(256) };

/** Opens the target directory of a survey; undefined when it is not there, after reporting why. */
export function openTarget(lane: LaneContext, path: ByteString): DirHandle | undefined {
  try {
    return lane.openTargetDirectory(path);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT" && lane.settings.options.transfer.dryRun) return undefined;
    lane.problem("target", (lane.settings.target?.label ?? "") + path, "opendir", error.errno);
    return undefined;
  }
}

/** The listing of a target directory that does not exist. */
export function emptyTarget(lane: LaneContext): Directory {
  const { probe, source, orders } = lane;
  probe.clear();
  orders.reset(source.count);
  orders.target.fill(-1, 0, source.count);
  return probe;
}

/**
 * Reads the target side. Without deletions only the names that the source has are looked at, which
 * needs no listing; with them the whole directory is listed.
 */
export function listTarget(lane: LaneContext, dir: DirHandle, task: SurveyTask): Directory {
  const { source, orders, fs } = lane;
  orders.reset(source.count);
  const target = task.deletes ? listWhole(lane, dir, task) : probeNames(lane, dir);
  if (lane.scan.options.linkTargets) readTargetLinks(fs, dir, target);
  if (lane.targetXattrs !== undefined) readTargetXattrs(fs, dir, target, lane.targetXattrs);
  return target;
}

function probeNames(lane: LaneContext, dir: DirHandle): Directory {
  const { source, probe, orders, fs } = lane;
  const { count } = source;
  probe.clear();
  probe.reserve(count);
  // Shared, not copied: a probe only ever reads names.
  probe.names = source.names;
  probe.namesUsed = source.namesUsed;
  probe.nameStart = source.nameStart;
  probe.nameLength = source.nameLength;
  probe.count = count;
  fs.statEntries(dir, probe, 0, count);
  const follow = lane.settings.options.links.keepDirLinks;
  if ((probe.types & 1) === 0 && !follow) {
    orders.target.set(indices(count));
    return probe;
  }
  for (let i = 0; i < count; i++) {
    orders.target[i] = probe.mode[i] === 0 ? -1 : i;
    if (follow && probe.mode[i] !== 0) followDirLink(lane, dir, probe, i, source.isDirectory(i));
  }
  return probe;
}

let counting = new Int32Array(0);

/** 0, 1, 2... */
export function indices(count: number): Int32Array {
  if (counting.length < count) counting = Int32Array.from({ length: count * 2 }, (_, i) => i);
  return counting.subarray(0, count);
}

/** -K: a symlink to a directory counts as the directory when the source has one of that name. */
function followDirLink(
  lane: LaneContext,
  dir: DirHandle,
  target: Directory,
  t: number,
  wanted: boolean,
): void {
  if (!wanted || ((target.mode[t] as number) & typeMask) !== typeSymlink) return;
  const link = target.mode[t] as number;
  lane.fs.statEntries(dir, target, t, t + 1, true);
  if (!target.isDirectory(t)) {
    target.mode[t] = link;
    target.problem[t] = 0;
  }
}

function listWhole(lane: LaneContext, dir: DirHandle, task: SurveyTask): Directory {
  const { source, target, orders, fs } = lane;
  target.clear();
  try {
    fs.readNames(dir, target);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.problem("target", (lane.settings.target?.label ?? "") + task.path, "readdir", error.errno);
    target.complete = false;
  }
  hideState(target, 0, true);
  fs.statEntries(dir, target, 0, target.count);
  if (sortListing(target, false)) dropTwins(target);
  if (takenMarks.bytes.length < target.count) takenMarks.bytes = new Uint8Array(target.count * 2);
  matchEntries(source, target, orders.target, takenMarks.bytes);
  if (respell(lane, dir, target, takenMarks.bytes)) {
    sortListing(target, false);
    matchEntries(source, target, orders.target, takenMarks.bytes);
  }
  if (lane.settings.options.links.keepDirLinks) {
    for (let i = 0; i < source.count; i++) {
      const t = orders.target[i] as number;
      if (t >= 0) followDirLink(lane, dir, target, t, source.isDirectory(i));
    }
  }
  return target;
}
