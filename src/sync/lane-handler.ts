// What a lane does with each kind of task.

import { joinPath } from "../base/index.ts";
import { Orders } from "../changeset/index.ts";
import { FsError } from "../fs/index.ts";
import { type RemovalPolicy, removeEntry } from "../pipeline/index.ts";
import type { LaneHandler } from "../schedule/index.ts";
import { Directory } from "../tree/index.ts";
import { applyRange } from "./apply-range.ts";
import { closeDirectories } from "./close-directories.ts";
import { Cancelled, LaneContext } from "./lane-context.ts";
import type { LaneSettings } from "./lane-settings.ts";
import { survey } from "./survey.ts";
import type {
  ApplyResult,
  ApplyTask,
  DeleteResult,
  DeleteTask,
  LaneResult,
  LaneTask,
} from "./tasks.ts";

/** Makes the handler of one lane. Roots are pinned here, in the lane's own thread. */
export function laneHandler(settings: LaneSettings): LaneHandler<LaneTask, LaneResult> {
  const lane = new LaneContext(settings);
  return {
    run: (task) => {
      try {
        return runTask(lane, task);
      } catch (error) {
        if (!(error instanceof Cancelled)) throw error;
        return { kind: "cancelled", events: lane.takeEvents() };
      }
    },
    close: () => lane.close(),
  };
}

function runTask(lane: LaneContext, task: LaneTask): LaneResult {
  lane.checkCancelled();
  switch (task.kind) {
    case "survey":
      return survey(lane, task);
    case "apply":
      return apply(lane, task);
    case "delete":
      return remove(lane, task);
    case "close":
      closeDirectories(lane, task.directories);
      return { kind: "close", events: lane.takeEvents() };
  }
}

function apply(lane: LaneContext, task: ApplyTask): ApplyResult {
  const { dryRun } = lane.settings.options.transfer;
  const dir = dryRun ? -1 : lane.openTargetDirectory(task.path);
  try {
    const touched = applyRange(lane, {
      task,
      place: { dir, path: task.path },
      source: Directory.thaw(task.source),
      target: Directory.thaw(task.target),
      orders: Orders.thaw(task.orders),
      from: task.from,
      to: task.to,
    });
    return { kind: "apply", node: task.node, from: task.from, events: lane.takeEvents(), touched };
  } finally {
    if (!dryRun) lane.fs.closeDirectory(dir);
  }
}

function remove(lane: LaneContext, task: DeleteTask): DeleteResult {
  let touched = false;
  try {
    const dir = lane.openTargetDirectory(task.path);
    try {
      touched = removeNamed(lane, task, dir);
    } finally {
      lane.fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code !== "ENOENT") lane.problem("target", task.path, error.operation, error.errno);
  }
  return { kind: "delete", node: task.node, events: lane.takeEvents(), touched };
}

/** Removes the listed entries, last first, as rsync does. */
function removeNamed(lane: LaneContext, task: DeleteTask, dir: number): boolean {
  let touched = false;
  const policy: RemovalPolicy = lane.removalPolicy();
  for (let i = task.names.length - 1; i >= 0; i--) {
    lane.checkCancelled();
    const name = task.names[i] as string;
    const removal = removeEntry(
      lane.receive,
      policy,
      dir,
      task.path,
      name,
      task.modes[i] as number,
    );
    if (removal === "removed") touched = true;
    if (removal === "kept") {
      lane.note("del", 0, `cannot delete non-empty directory: ${joinPath(task.path, name)}`);
    }
  }
  return touched;
}
