// What a lane answers when a task meets trouble that concerns none of its entries but its directory:
// a directory whose attributes cannot be read any more, say. The trouble is told, that directory is
// left, and the run goes on with the others.

import { baseName, parentPath } from "../base/index.ts";
import type { FsError } from "../fs/index.ts";
import { targetFailed } from "../pipeline/index.ts";
import { failedRead } from "./apply/read-content.ts";
import type { LaneContext } from "./lane/lane-context.ts";
import { emptySurvey } from "./survey/empty-survey.ts";
import type { WishResult, WishTask } from "./tasks/far-tasks.ts";
import type { ApplyResult, LaneResult, LaneTask, SurveyTask } from "./tasks/tasks.ts";

/** Returns the answer to a task that could not be completed; throws what ends the run. */
export function failedTask(lane: LaneContext, task: LaneTask, error: FsError): LaneResult {
  if (task.kind === "read") return failedRead(lane, task, error);
  if (task.kind === "wish") return wishForNothing(task);
  const path = pathOf(task);
  if (task.kind === "remove") {
    lane.problem("source", path, error.operation, error.errno);
    return { kind: "removed", id: task.id, events: lane.takeEvents() };
  }
  targetFailed(lane.receive, { dir: -1, path: parentPath(path) }, baseName(path), error);
  lane.count("failed");
  switch (task.kind) {
    case "survey":
      return failedSurvey(lane, task);
    case "apply":
    case "large-begin":
      return failedRange(lane, task, true);
    case "delete":
    case "displaced": {
      const { sequence } = task;
      return { kind: "delete", sequence, events: lane.takeEvents(), touched: true };
    }
    case "seek":
      return { kind: "seek", left: [] };
    case "cut": {
      const nothing = { lengths: new Uint32Array(0), digests: new Uint8Array(0) };
      return { kind: "cut", id: task.id, counts: new Uint32Array(0), chunks: nothing };
    }
    case "rename":
      return { kind: "rename", sequence: task.sequence, events: lane.takeEvents() };
    default:
      return { kind: "close", events: lane.takeEvents() };
  }
}

/** Whoever applies the range meets the same, and tells. */
function wishForNothing({ node, from }: WishTask): WishResult {
  return { kind: "wish", node, from, body: undefined, bytes: 0, stream: undefined };
}

/** Returns the answer for a range whose orders could not be carried out, or not all of them. */
export function failedRange(
  lane: LaneContext,
  { node, from }: { readonly node: number; readonly from: number },
  touched: boolean,
): ApplyResult {
  const events = lane.takeEvents();
  const delayed = lane.takeDelayed();
  return { kind: "apply", node, from, events, touched, complete: false, delayed };
}

/** What it holds is not known, so nothing is deleted on account of its absence (promise P6). */
function failedSurvey(lane: LaneContext, { node }: SurveyTask): LaneResult {
  lane.markIncomplete();
  const told = { events: lane.takeEvents(), delayed: lane.takeDelayed() };
  return { ...emptySurvey(node), ...told, touched: true };
}

function pathOf(task: LaneTask): string {
  if (task.kind === "displaced") return task.directory.path;
  if (task.kind === "rename") return task.groups[0]?.path ?? "";
  if (task.kind === "close") return task.directories[0]?.path ?? "";
  return "path" in task ? task.path : "";
}
