// What only the target has in a surveyed directory: found by the marks that matching left, removed
// at once (--delete-during) or packed for later.

import { joinPath } from "../../base/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { isElsewhere, isLocked } from "../../pipeline/index.ts";
import type { Directory, ProgressEvent } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { type Extras, packExtras } from "../tasks/extras.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

/** Mark of an entry that is to be deleted, or has been. */
export const goesMark = 2;

/** A surveyed directory whose target was listed whole. */
export interface ListedTarget {
  readonly task: SurveyTask;
  readonly place: TargetPlace;
  readonly target: Directory;
  /** 1 for every target entry that the source has, too. */
  readonly marks: Uint8Array;
}

/** What became of the extra entries. */
export interface SettledExtras {
  /** To be removed later. */
  readonly extras: Extras | undefined;
  /** Told before the directory's own line, as rsync's generator does. */
  readonly early: readonly ProgressEvent[];
  readonly touched: boolean;
}

const nothing: SettledExtras = { extras: undefined, early: [], touched: false };

/** Finds the extra entries, and removes them if now is the time; undefined = not allowed to look. */
export function settleExtras(lane: LaneContext, listed: ListedTarget): SettledExtras | undefined {
  const { task, place, target } = listed;
  const { options } = lane.settings;
  if (target !== lane.target) return undefined;
  if (!target.complete || !(lane.source.complete || options.delete.ignoreErrors)) return undefined;
  const events = lane.events;
  lane.events = [];
  try {
    if (task.deletesNow && !lane.deletions.allowed) return { ...nothing, early: lane.events };
    const extras = findExtras(lane, listed);
    if (extras === undefined) return { ...nothing, early: lane.events };
    if (!task.deletesNow) return { extras, early: lane.events, touched: false };
    const touched = lane.deletions.remove(place, extras, 0, extras.count);
    return { extras: undefined, early: lane.events, touched };
  } finally {
    lane.events = events;
  }
}

/** A directory that this run has made has no extra entries; as in rsync it is one of those that are looked at. */
export function settleNew(
  lane: LaneContext,
  { task, place }: ListedTarget,
): SettledExtras | undefined {
  if (!task.deletes || !task.deletesNow || place.dir < 0) return undefined;
  const events = lane.events;
  lane.events = [];
  try {
    return lane.deletions.allowed ? nothing : { ...nothing, early: lane.events };
  } finally {
    lane.events = events;
  }
}

function findExtras(lane: LaneContext, listed: ListedTarget): Extras | undefined {
  const { task, place, target, marks } = listed;
  const { options } = lane.settings;
  const isAfter = options.delete.mode === "after";
  const device = lane.deletions.deviceOf(place.dir);
  if (!lane.deletions.isOnDeviceOf(task.top, device)) return undefined;
  if (lane.deletions.isSource(place.dir)) return undefined;
  const protects = isAfter ? undefined : lane.filters?.protects(task.path, false);
  if (!isAfter && lane.filters?.mayDelete(task.path) === false) return undefined;
  const policy = lane.deletions.policy(device);
  const found = new Uint32Array(target.count);
  let count = 0;
  // What the source has, too, is not asked about, except for those who want to hear of it.
  const asksAll = lane.filters?.areTold === true;
  for (let t = 0; t < target.count; t++) {
    const stays = marks[t] !== 0 || target.problem[t] !== 0;
    if (stays && !asksAll) continue;
    const start = target.nameStart[t] as number;
    const end = start + (target.nameLength[t] as number);
    const isDirectory = target.isDirectory(t);
    if (stays) {
      protects?.(target.names, start, end, isDirectory);
      continue;
    }
    if (isDirectory && isElsewhere(policy, target, t)) {
      if (options.walk.oneFileSystem === 1) {
        lane.note("mount", 1, `cannot delete mount point: ${joinPath(task.path, target.name(t))}`);
      }
    } else if (!protects?.(target.names, start, end, isDirectory)) found[count++] = t;
  }
  if (count === 0) return undefined;
  // What goes is marked, too, for those who look for renamed files.
  for (let k = 0; k < count; k++) marks[found[k] as number] = goesMark;
  return packExtras(target, found.subarray(0, count), (t) =>
    isLocked(lane.receive.options, target, t),
  );
}
