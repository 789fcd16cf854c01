// The survey of one directory: scan both sides, diff them, make the directories, and, where the
// rest is small, apply it at once. What one lane can finish never becomes a message.

import type { ByteString } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import { applyEntry, diffDirectory, type ScanContext } from "../../pipeline/index.ts";
import {
  decodeDirectorySum,
  isDirectorySum,
  type RowDigests,
  understand,
} from "../../session/index.ts";
import { change, type Directory, firstDirectory } from "../../tree/index.ts";
import { settleComparisons } from "../apply/compare-content.ts";
import { flushNames } from "../apply/flush-names.ts";
import { foretellBackup, makeRoomForDirectory } from "../apply/make-room.ts";
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
import type { SelfResult, Subdirectories, SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { settleBareParents } from "./bare-parents.ts";
import { countEntries } from "./count-entries.ts";
import { countSurvey } from "./count-survey.ts";
import { settleExtras, settleNew } from "./find-extras.ts";
import { applyFiles, type Surveyed } from "./fused-files.ts";
import { handOver } from "./hand-over.ts";
import { listSurvey } from "./list-survey.ts";
import { applySelf } from "./self-entry.ts";
import { sendSurvey } from "./send-survey.ts";
import { noteEmptyTarget, setAside } from "./set-aside.ts";
import { settleTold } from "./settle-told.ts";
import { hearAhead, hearSource, scanSelf, scanSource, silence } from "./source-side.ts";
import { openStanding, standingTarget, standsAs, unlistedResult } from "./standing-target.ts";
import { leaveTargetOut } from "./target-inside.ts";
import { emptyTarget, listTarget, openTarget, takenMarks } from "./target-listing.ts";
import { leaveUnreadable } from "./unreadable-targets.ts";

/** Runs a survey task. */
export function survey(lane: LaneContext, asked: SurveyTask): SurveyResult {
  if (lane.settings.far === "target") return sendSurvey(lane, asked);
  if (lane.settings.target === undefined) return listSurvey(lane, asked);
  if (asked.record !== undefined && isDirectorySum(asked.record)) {
    return surveySum(lane, asked, asked.record);
  }
  if (asked.isUnwanted) return countSurvey(lane, asked);
  const read = readSource(lane, asked);
  if (!lane.source.complete) lane.markIncomplete();
  return surveyBoth(lane, { ...read, dir: openPlace(lane, read.task) });
}

/** Of a source elsewhere only the sum came: what the target has is what the source has, or the record has to come. */
function surveySum(lane: LaneContext, asked: SurveyTask, record: Uint8Array): SurveyResult {
  const { topBytes, sum } = understand("directory", () => decodeDirectorySum(record));
  const dir = openStanding(lane, asked);
  lane.looked.sums++;
  if (dir === undefined || !standsAs(lane, dir, sum)) {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
    lane.looked.others++;
    return unlistedResult(asked);
  }
  const top = asked.path.slice(0, topBytes);
  const task = { ...asked, top, content: undefined, ahead: undefined };
  return surveyBoth(lane, { task, self: undefined, absent: [], dir, stands: true });
}

/** Both sides of a directory. */
interface BothSides extends ReadSource {
  readonly dir: DirHandle | undefined;
  /** What was listed of the source is the target's own, which is the same. */
  readonly stands?: boolean;
}

function surveyBoth(
  lane: LaneContext,
  { task, self, absent, digests, dir, stands = false }: BothSides,
): SurveyResult {
  const { source, orders, scan } = lane;
  try {
    const isNew = task.isNew || (task.path === "" && lane.settings.madeRoot);
    const isEmpty = dir === undefined || isNew;
    const target = stands
      ? standingTarget(lane)
      : isEmpty
        ? emptyTarget(lane)
        : listTarget(lane, dir, task);
    const diff = diffOptionsIn(lane.diff, lane.machine, dir);
    diffDirectory(diff, task.path, source, target, orders, shownNote(task, scan.note));
    leaveUnreadable(lane, task, target);
    if (!task.deletionsOnly) tellLeftOutNodes(lane);
    leaveTargetOut(lane, task);
    if (dir === undefined && task.targetExists) leaveAllOut(lane);
    const madeParents = settleBareParents(lane, task, dir);
    const waits = task.deletionsOnly ? undefined : settleOrders(lane, task, dir, target);
    const place = { dir: dir ?? -1, path: task.path, isApart: task.apart !== undefined };
    const told = task.deletionsOnly ? undefined : settleTold(lane, dir, target, digests);
    const surveyed: Surveyed = { lane, task, place, target, told };
    const listed = { task, place, target, marks: takenMarks.bytes };
    const isListed = stands || target === lane.target;
    const settled = isNew ? settleNew(lane, listed) : settleExtras(lane, listed);
    const strays = lane.moves && handOver(lane, lane.moves, listed, isListed);
    const removed =
      absent.length > 0 && dir !== undefined && settled === undefined && !task.deletionsOnly
        ? lane.deletions.removeAbsent(place, absent)
        : settled?.touched === true;
    const subdirs = makeDirectories(surveyed);
    const { rest, touched, to } = applyFiles(surveyed);
    if (task.apart !== undefined && !bringDirectoryIn(lane, task.apart, place, { source, to })) {
      subdirs?.made.fill(0);
    }
    const isChanged = [touched, removed, madeParents, subdirs?.made.includes(2)].includes(true);
    flushNames(lane, place, isChanged);
    return {
      kind: "survey",
      node: task.node,
      early: settled?.early ?? [],
      entries: source.count,
      events: lane.takeEvents(),
      subdirs,
      rest,
      waits,
      strays,
      isProbed: !isListed && dir !== undefined && !isNew,
      extras: settled?.extras,
      delayed: lane.takeDelayed(),
      device: deviceToFlush(lane.fs, lane.settings.options, dir),
      touched: isChanged,
      self,
    };
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
}

/** Decides what diff has left open, and counts; returns what waits until all of the target has been seen. */
function settleOrders(
  lane: LaneContext,
  task: SurveyTask,
  dir: DirHandle | undefined,
  target: Directory,
): SurveyResult["waits"] {
  const { source, orders } = lane;
  settleComparisons(lane, task, dir, target);
  lane.basis?.resolve(task, target);
  countEntries(lane, source);
  countPlanned(lane, source, orders);
  if (task.path === "" && dir !== undefined) noteEmptyTarget(lane, dir, target);
  return setAside(lane, target);
}

/** A directory of the target that cannot be opened, which was reported, takes nothing in. */
function leaveAllOut(lane: LaneContext): void {
  const { source, orders } = lane;
  if (lane.settings.options.transfer.dryRun) return;
  orders.kind.fill(order.skip, 0, source.count);
  orders.changes.fill(0, 0, source.count);
  lane.count("failed", source.count);
}

/** What was read of the source besides the listing. */
interface ReadSource {
  /** The task, with what only the source's end knew. */
  readonly task: SurveyTask;
  readonly self: SelfResult | undefined;
  /** Named entries that are not there, whose absence matters. */
  readonly absent: readonly ByteString[];
  /** Digests that came with it. */
  readonly digests?: RowDigests | undefined;
}

/** Reads the source's side into the lane's listing, and settles the top's own entry, if this is about the top. */
function readSource(lane: LaneContext, asked: SurveyTask): ReadSource {
  if (asked.record === undefined) {
    const top = asked.self && scanSelf(lane, asked.self);
    const self = top && applySelf(lane, top, asked);
    return { task: asked, self, absent: scanSource(lane, asked) };
  }
  const record = hearSource(lane, asked, asked.record);
  const { isWhole, top, absent } = record;
  const ahead = hearAhead(lane, asked);
  const task = { ...asked, deletes: asked.deletes && isWhole, top, content: undefined, ahead };
  const self = record.self && applySelf(lane, record.self.columns, task);
  if (!task.deletionsOnly) lane.events.push(...record.events);
  return { task, self, absent, digests: record.digests };
}

/** Opens the directory on the target, or where it is filled. */
function openPlace(lane: LaneContext, task: SurveyTask): DirHandle | undefined {
  if (task.apart !== undefined) return openApart(lane, task.apart, task.path);
  return task.targetExists ? openTarget(lane, task.path) : undefined;
}

/** Of a file that gets another name, what is left out is told by its own; by the pass of deletions nothing is. */
function shownNote(
  { named, deletionsOnly }: SurveyTask,
  note: ScanContext["note"],
): ScanContext["note"] {
  if (deletionsOnly) return silence.note;
  const [group] = named;
  if (group?.shown === undefined) return note;
  const { shown } = group;
  return (topic, level, text) => {
    const tells = topic === "nonreg" || topic === "symsafe";
    note(topic, level, tells ? text.replace(/"[^"]*"/, () => `"${shown}"`) : text);
  };
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
  } else if (kind === order.replace) foretellBackup(lane, { ...surveyed, source, orders }, i);
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
