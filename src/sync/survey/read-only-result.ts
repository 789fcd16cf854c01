// What the survey of a directory comes to of which the source's side was only read.

import { Orders, order } from "../../changeset/index.ts";
import { firstDirectory } from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { emptySurvey } from "./empty-survey.ts";

/** Returns the result for what the lane has scanned; `made` says of its subdirectories what Subdirectories.made says. */
export function readOnlyResult(lane: LaneCore, task: SurveyTask, made: 0 | 1): SurveyResult {
  const { source } = lane;
  const first = firstDirectory(source);
  const count = source.count - first;
  const orders = new Orders();
  orders.reset(count);
  orders.kind.fill(order.none);
  return {
    ...emptySurvey(task.node),
    events: lane.takeEvents(),
    subdirs:
      count === 0
        ? undefined
        : {
            listing: source.freezeFrom(first),
            orders: orders.freeze(),
            made: new Uint8Array(count).fill(made),
            apart: undefined,
          },
    entries: source.count,
  };
}
