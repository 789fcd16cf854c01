// The survey of one directory of which the target takes nothing (--existing, or something in its way): what
// the source has is counted, and told where it cannot be read or rules decide about it, and that is all.

import type { LaneContext } from "../lane/lane-context.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { countEntries } from "./count-entries.ts";
import { readOnlyResult } from "./read-only-result.ts";
import { scanSource } from "./source-side.ts";

/** Runs a survey task of such a directory. */
export function countSurvey(lane: LaneContext, task: SurveyTask): SurveyResult {
  scanSource(lane, task);
  if (!lane.source.complete) lane.markIncomplete();
  countEntries(lane, lane.source);
  return readOnlyResult(lane, task, 0);
}
