// The survey of one directory: scan both sides, diff them, make the directories, and, where the
// rest is small, apply it at once. What one lane can finish never becomes a message.

import type { ByteString } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import {
  applyEntry,
  diffDirectory,
  type Hides,
  type ScanContext,
  scanDirectory,
} from "../../pipeline/index.ts";
import { change, type Directory, firstDirectory } from "../../tree/index.ts";
import { settleComparisons } from "../apply/compare-content.ts";
import { flushNames } from "../apply/flush-names.ts";
import { makeRoomForDirectory } from "../apply/make-room.ts";
import { isNarrow, openToOwner } from "../apply/narrow-directories.ts";
import { tellLeftOutNodes } from "../lane/door-limits.ts";
import {
  bringDirectoryIn,
  fillsApart,
  makeSubdirectoryApart,
  openApart,
} from "../lane/lane-apart.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { countPlanned } from "../lane/planned-work.ts";
import { deviceToFlush } from "../lane/target-flush.ts";
import { diffOptionsIn } from "../plan/new-modes.ts";
import type { Subdirectories, SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { settleBareParents } from "./bare-parents.ts";
import { countEntries } from "./count-entries.ts";
import { settleExtras } from "./find-extras.ts";
import { applyFiles, type Surveyed } from "./fused-files.ts";
import { listSurvey } from "./list-survey.ts";
import { pruneSource } from "./prune-source.ts";
import { applySelf } from "./self-entry.ts";
import { leaveTargetOut } from "./target-inside.ts";
import { emptyTarget, listTarget, openTarget, takenMarks } from "./target-listing.ts";
import { leaveUnreadable } from "./unreadable-targets.ts";

/** Runs a survey task. */
export function survey(lane: LaneContext, task: SurveyTask): SurveyResult {
  if (lane.settings.target === undefined) return listSurvey(lane, task);
  const self = task.self === undefined ? undefined : applySelf(lane, task.self, task.targetExists);
  const { source, orders } = lane;
  const absent: ByteString[] = [];
  const hides = sourceHides(lane, task.path);
  const scan = task.deletionsOnly ? { ...lane.scan, ...silence } : lane.scan;
  scanDirectory({ ...scan, hides, absent: absentNames(lane, absent) }, task, source);
  pruneSource(lane, task);
  lane.shapeSource?.(source);
  if (!source.complete) lane.markIncomplete();
  const dir = openPlace(lane, task);
  try {
    const isNew = task.apart !== undefined || (task.path === "" && lane.settings.madeRoot);
    const target = dir === undefined || isNew ? emptyTarget(lane) : listTarget(lane, dir, task);
    const diff = diffOptionsIn(lane.diff, lane.machine, dir);
    diffDirectory(diff, task.path, source, target, orders, shownNote(task, scan.note));
    leaveUnreadable(lane, task, target);
    if (!task.deletionsOnly) tellLeftOutNodes(lane);
    leaveTargetOut(lane, task);
    if (dir === undefined && task.targetExists) leaveAllOut(lane);
    const madeParents = settleBareParents(lane, task, dir);
    if (!task.deletionsOnly) {
      settleComparisons(lane, task, dir, target);
      lane.basis?.resolve(task, target);
      countEntries(lane, source);
      countPlanned(lane, source, orders);
    }
    const place = { dir: dir ?? -1, path: task.path, isApart: task.apart !== undefined };
    const surveyed: Surveyed = { lane, task, place, target };
    const listed = { task, place, target, marks: takenMarks.bytes };
    const settled = target === lane.target ? settleExtras(lane, listed) : undefined;
    const removed =
      absent.length > 0 && dir !== undefined && settled === undefined && !task.deletionsOnly
        ? lane.deletions.removeAbsent(place, absent)
        : settled?.touched === true;
    const subdirs = makeDirectories(surveyed);
    const { rest, touched, to } = applyFiles(surveyed);
    if (task.apart !== undefined && !bringDirectoryIn(lane, task.apart, place, { source, to })) {
      subdirs?.made.fill(0);
    }
    const made = subdirs?.made.includes(2) ?? false;
    flushNames(lane, place, touched || removed || madeParents || made);
    return {
      kind: "survey",
      node: task.node,
      early: settled?.early ?? [],
      entries: source.count,
      events: lane.takeEvents(),
      subdirs,
      rest,
      extras: settled?.extras,
      delayed: lane.takeDelayed(),
      device: deviceToFlush(lane.fs, lane.settings.options, dir),
      touched: touched || removed || madeParents || made,
      self,
    };
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
}

/** A directory of the target that cannot be opened, which was reported, takes nothing in. */
function leaveAllOut(lane: LaneContext): void {
  const { source, orders } = lane;
  if (lane.settings.options.transfer.dryRun) return;
  orders.kind.fill(order.skip, 0, source.count);
  orders.changes.fill(0, 0, source.count);
  lane.count("failed", source.count);
}

/** What the pass for deletions finds out about the source is told by the pass that follows. */
const silence = { problem: () => undefined, note: () => undefined };

/** Opens the directory on the target, or where it is filled. */
function openPlace(lane: LaneContext, task: SurveyTask): DirHandle | undefined {
  if (task.apart !== undefined) return openApart(lane, task.apart, task.path);
  return task.targetExists ? openTarget(lane, task.path) : undefined;
}

/** Of a file that gets another name, what is left out is told by its own. */
function shownNote({ named }: SurveyTask, note: ScanContext["note"]): ScanContext["note"] {
  const [group] = named;
  if (group?.shown === undefined) return note;
  const { shown } = group;
  return (topic, level, text) => {
    const tells = topic === "nonreg" || topic === "symsafe";
    note(topic, level, tells ? text.replace(/"[^"]*"/, () => `"${shown}"`) : text);
  };
}

/** What to do about missing source arguments, when they are not to be problems. */
function absentNames(lane: LaneContext, absent: ByteString[]): ScanContext["absent"] {
  const { missingArgs } = lane.settings.options.walk;
  if (missingArgs === "error") return undefined;
  return (name) => {
    if (missingArgs === "delete") absent.push(name);
    return true;
  };
}

function sourceHides(
  lane: LaneContext,
  path: ByteString,
): ((root: number) => Hides | undefined) | undefined {
  const { filters } = lane;
  return filters && ((root) => filters.hides(root, path));
}

/** Makes and mends the subdirectories, which stand last in listing order; they are surveyed next. */
function makeDirectories(surveyed: Surveyed): Subdirectories | undefined {
  const { lane, task, place, target } = surveyed;
  const { source, orders } = lane;
  const first = firstDirectory(source);
  const count = source.count - first;
  if (count === 0) return undefined;
  const made = new Uint8Array(count);
  const apart = new Map<number, ByteString>();
  let mayFill: boolean | undefined;
  for (let i = first; i < source.count; i++) {
    if (task.deletionsOnly) {
      made[i - first] = standsAlready(orders.kind[i] as number) ? 1 : 0;
      continue;
    }
    const isNew = orders.kind[i] === order.add && place.dir >= 0;
    if (isNew) mayFill ??= fillsApart(lane, task, place.dir);
    const staged = isNew && mayFill ? makeSubdirectoryApart(lane, place, i) : undefined;
    if (staged !== undefined) apart.set(i - first, staged);
    if (staged !== undefined) lane.count("createdDirectories");
    made[i - first] = staged === undefined ? makeDirectory(surveyed, i, place, target) : 2;
  }
  return {
    listing: source.freezeFrom(first),
    orders: orders.freezeFrom(first),
    made,
    apart: apart.size > 0 ? apart : undefined,
  };
}

/** 0 = not there, 1 = was there, 2 = was made. */
function makeDirectory(
  surveyed: Surveyed,
  i: number,
  place: Surveyed["place"],
  target: Directory,
): number {
  const { lane, task } = surveyed;
  const { source, orders } = lane;
  const kind = orders.kind[i];
  if (kind === order.skip) return 0;
  const mode = source.mode[i] as number;
  const isOpen = !isNarrow(mode) || !standsAlready(kind as number);
  if (kind === order.none) {
    if (!isOpen) openToOwner(lane, place, source.name(i), mode);
    return 1;
  }
  if (!lane.settings.options.transfer.dryRun) {
    const name = source.name(i);
    const entry = { listing: source, index: i, name };
    if (kind === order.replace && !makeRoomForDirectory(lane, surveyed, i)) return 0;
    if (!applyEntry(lane.receive, place, entry, target, orders, noContent(lane, task))) return 0;
    if (!isOpen) openToOwner(lane, place, name, mode);
  }
  if ((orders.changes[i] as number) & change.created) lane.count("createdDirectories");
  else lane.count("changed");
  return standsAlready(kind as number) ? 1 : 2;
}

function noContent(lane: LaneContext, task: SurveyTask): ReturnType<LaneContext["contentSource"]> {
  return lane.contentSource(task.origins, task.named);
}

/** Says of a directory's order whether the target has that directory. */
function standsAlready(kind: number): boolean {
  return kind === order.none || kind === order.meta || kind === order.change;
}
