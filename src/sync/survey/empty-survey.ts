// What a survey comes to that has found and done nothing: what one has more to say of stands beside it.

import type { SurveyResult } from "../tasks/tasks.ts";

/** Returns that of a node. */
export function emptySurvey(node: number): SurveyResult {
  return {
    kind: "survey",
    node,
    early: [],
    events: [],
    subdirs: undefined,
    rest: undefined,
    extras: undefined,
    delayed: [],
    device: undefined,
    touched: false,
    self: undefined,
    entries: 0,
  };
}
