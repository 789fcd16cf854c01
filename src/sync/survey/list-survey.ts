// The survey of one directory when there is no target (--list-only, a single SRC): everything that
// is scanned is told, nothing is compared or written.

import { joinPath } from "../../base/index.ts";
import type { Directory, ItemEvent } from "../../tree/index.ts";
import { itemEvent } from "../apply/item-event.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { countEntries } from "./count-entries.ts";
import { readOnlyResult } from "./read-only-result.ts";
import { hearSource, scanSelf, scanSource } from "./source-side.ts";

/** Runs a survey task of a listing. */
export function listSurvey(lane: LaneContext, task: SurveyTask): SurveyResult {
  const { source } = lane;
  if (task.record !== undefined) {
    const { self, events } = hearSource(lane, task, task.record);
    if (self !== undefined) tellSelf(lane, self.columns);
    lane.events.push(...events);
  } else {
    const self = task.self && scanSelf(lane, task.self);
    if (self !== undefined) tellSelf(lane, self);
    scanSource(lane, task);
  }
  countEntries(lane, source);
  let first = 0;
  for (; first < source.count && !source.isDirectory(first); first++) {
    lane.events.push(listEvent(source, first, joinPath(task.path, source.name(first))));
  }
  return readOnlyResult(lane, task, 1);
}

function tellSelf(lane: LaneContext, self: Directory): void {
  countEntries(lane, self);
  lane.events.push(listEvent(self, 0, "."));
}

function listEvent(source: Directory, i: number, path: string): ItemEvent {
  const times = { atime: source.atime[i] as number, crtime: source.crtime[i] as number };
  return { ...itemEvent(source, i, 0, path), ...times };
}
