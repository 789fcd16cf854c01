// What a lane does with each kind of task.

import { type ByteString, type Clock, ManifoldError } from "../base/index.ts";
import { Orders } from "../changeset/index.ts";
import { type FileSystem, FsError } from "../fs/index.ts";
import type { LaneHandler } from "../schedule/index.ts";
import { Directory } from "../tree/index.ts";
import { type Applied, applyRange } from "./apply/apply-range.ts";
import { closeDirectories } from "./apply/close-directories.ts";
import { compareLargePiece, settleCompared } from "./apply/compare-content.ts";
import { cutFiles } from "./apply/cut-files.ts";
import { flushNames } from "./apply/flush-names.ts";
import {
  abandonLargeFile,
  beginLargeFile,
  signLargeBasis,
  writeLargePiece,
} from "./apply/large-tasks.ts";
import { linkEntry } from "./apply/link-entry.ts";
import { readContent } from "./apply/read-content.ts";
import { removeMoved } from "./apply/remove-moved.ts";
import { renameDelayed } from "./apply/rename-delayed.ts";
import { settlePartial, settleSource } from "./apply/settle-entry.ts";
import { wishContent } from "./apply/wish-content.ts";
import { failedRange, failedTask } from "./failed-task.ts";
import type { SendAhead } from "./lane/file-progress.ts";
import { Cancelled, LaneContext } from "./lane/lane-context.ts";
import { countDone, isPlanned } from "./lane/planned-work.ts";
import type { LaneSettings } from "./plan/lane-settings.ts";
import { seekFiles } from "./survey/seek-files.ts";
import { surveyBelow } from "./survey-below.ts";
import type { Range } from "./tasks/range.ts";
import type {
  ApplyResult,
  ApplyTask,
  DeleteResult,
  DeleteTask,
  LaneResult,
  LaneTask,
} from "./tasks/tasks.ts";

/** Makes the handler of one lane. Roots are pinned here, in the lane's own thread. */
export function laneHandler(
  settings: LaneSettings,
  fs?: FileSystem,
  clock?: Clock,
): LaneHandler<LaneTask, LaneResult> {
  const lane = new LaneContext(settings, fs, clock);
  return {
    run: (task, tell) => {
      try {
        lane.news.send = task.kind === "apply" ? sendAhead(task, tell) : undefined;
        lane.pull = task.kind === "apply" ? pulling(task, tell) : undefined;
        const result = runOrFail(lane, task);
        const displaced = lane.displaced.take();
        const moved = lane.moved.take();
        const files = lane.moves?.take() ?? [];
        if (displaced.length === 0 && moved.length === 0 && files.length === 0) return result;
        return {
          ...result,
          ...(displaced.length > 0 && { displaced }),
          ...(moved.length > 0 && { moved }),
          ...(files.length > 0 && { files }),
        };
      } catch (thrown) {
        const events = lane.takeEvents();
        if (thrown instanceof Cancelled) return { kind: "cancelled", events };
        if (!(thrown instanceof ManifoldError)) throw thrown;
        const { code, message } = thrown;
        return { kind: "failed", events, error: { code, message } };
      }
    },
    close: () => lane.close(),
  };
}

function runOrFail(lane: LaneContext, task: LaneTask): LaneResult {
  try {
    return runTask(lane, task);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return failedTask(lane, task, error);
  }
}

function sendAhead({ node, from }: ApplyTask, tell: (news: LaneResult) => void): SendAhead {
  return (events) => tell({ kind: "news", node, from, events });
}

function pulling(
  { node, from }: ApplyTask,
  tell: (news: LaneResult) => void,
): NonNullable<LaneContext["pull"]> {
  return (position, taken) => tell({ kind: "pull", node, from, position, taken });
}

function runTask(lane: LaneContext, task: LaneTask): LaneResult {
  if (task.kind === "large-piece") return writeLargePiece(lane, task);
  if (task.kind === "large-sign") return signLargeBasis(lane, task);
  if (task.kind === "large-abandon") return abandonLargeFile(lane, task);
  if (task.kind === "apply" && task.pieces !== undefined && lane.isCancelled) {
    return abandonLargeFile(lane, { ...task, kind: "large-abandon", pieces: task.pieces });
  }
  lane.checkCancelled();
  switch (task.kind) {
    case "large-compare":
      return compareLargePiece(lane, task);
    case "large-begin":
      return beginLargeFile(lane, task);
    case "survey":
      return surveyBelow(lane, task);
    case "apply":
      return apply(lane, task);
    case "delete":
      return remove(lane, task);
    case "displaced":
      if (lane.moves !== undefined) lane.moves.isOpen = false;
      lane.displaced.remove(task.directory);
      return {
        kind: "delete",
        sequence: task.sequence,
        events: lane.takeEvents(),
        touched: false,
      };
    case "rename":
      return renameDelayed(lane, task);
    case "seek":
      return seekFiles(lane, task);
    case "cut":
      return cutFiles(lane, task);
    case "wish":
      return wishContent(lane, task);
    case "read":
      return readContent(lane, task);
    case "remove":
      return removeMoved(lane, task);
    case "close":
      closeDirectories(lane, task.directories);
      return { kind: "close", events: lane.takeEvents() };
  }
}

/** Opens the target directory of a range; -1 in a dry run that has not made it. */
function openForRange(lane: LaneContext, path: ByteString): number {
  try {
    return lane.openTargetDirectory(path);
  } catch (error) {
    if (error instanceof FsError && lane.settings.options.transfer.dryRun) return -1;
    throw error;
  }
}

/** Links a name to its group's leader; where that cannot be, it is applied like any other entry. */
function applyOrLink(lane: LaneContext, range: Range, leader: ApplyTask["leader"]): Applied {
  if (leader === undefined) return applyRange(lane, range);
  const { source, orders, from } = range;
  const planned = isPlanned(source, orders, from);
  const linked = linkEntry(lane, range, leader);
  if (linked === "copy") return applyRange(lane, range);
  if (planned) countDone(lane, source.size[from] as number, 0);
  if (linked !== "failed" && lane.settles.unchanged) settlePartial(lane, range, from);
  if (linked !== "failed" && lane.settles.sources) settleSource(lane, range, from);
  return { touched: linked === "linked", complete: linked !== "failed" };
}

function apply(lane: LaneContext, task: ApplyTask): ApplyResult {
  let dir = -1;
  try {
    dir = openForRange(lane, task.path);
  } catch (error) {
    // Somebody removed or replaced the directory since it was surveyed.
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(task.path, "opendir", error.errno);
    lane.count("failed");
    return failedRange(lane, task, false);
  }
  try {
    const range = {
      task,
      place: { dir, path: task.path },
      source: Directory.thaw(task.source),
      target: Directory.thaw(task.target),
      orders: Orders.thaw(task.orders),
      from: task.from,
      to: task.to,
      pieces: task.pieces,
      told: task.told,
    };
    settleCompared(lane, task);
    const { touched, complete, again } = applyOrLink(lane, range, task.leader);
    flushNames(lane, range.place, touched);
    const { node, from } = task;
    const delayed = lane.takeDelayed();
    const missed = lane.missed.splice(0);
    const putOff = lane.putOff.splice(0).map((i) => bareTask(task, i));
    const events = lane.takeEvents();
    return {
      ...({ kind: "apply", node, from, events, touched, complete, delayed } as const),
      ...(missed.length > 0 && { missed }),
      ...(again && { again }),
      ...(putOff.length > 0 && { putOff }),
    };
  } finally {
    if (dir >= 0) lane.fs.closeDirectory(dir);
  }
}

/** Returns the task of an entry of a range alone, for which nothing was wished yet, nor will anything be found. */
function bareTask(task: ApplyTask, i: number): ApplyTask {
  const { bases: _b, parts: _p, content: _c, earlier: _e, lacks: _l, feed: _f, ...bare } = task;
  return { ...bare, from: i, to: i + 1 };
}

function remove(lane: LaneContext, task: DeleteTask): DeleteResult {
  const { sequence, path, extras, from, to } = task;
  let touched = false;
  const { deletions, moves } = lane;
  deletions.withheld = new Set(task.withheld);
  // What goes last, nobody wants any more.
  if (moves !== undefined) moves.isOpen = lane.settings.options.delete.mode === "before";
  try {
    const dir = lane.openTargetDirectory(path);
    try {
      const place = { dir, path };
      touched = task.unfiltered
        ? lane.deletions.removeUnprotected(place, extras, from, to)
        : lane.deletions.remove(place, extras, from, to);
      flushNames(lane, place, touched);
    } finally {
      lane.fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code !== "ENOENT") lane.receive.problem(path, "opendir", error.errno);
  }
  return { kind: "delete", sequence, events: lane.takeEvents(), touched };
}
