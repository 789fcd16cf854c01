// Entries of the target that are there but cannot be looked at: they are not absent, and nothing is
// known of them, so they are left as they are, and that is told.

import { joinPath } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

/** Nobody there; somebody else may just have removed it. */
const noEntry = 2;

/** Takes the orders away from entries of the surveyed directory whose counterparts could not be read. */
export function leaveUnreadable(lane: LaneContext, task: SurveyTask, target: Directory): void {
  for (let t = 0; t < target.count; t++) {
    const errno = target.problem[t] as number;
    if (errno === 0 || errno === noEntry) continue;
    const name = target.name(t);
    const isMetAgain = leaveNamed(lane, name);
    // What would stay, in it or as it is, without anybody knowing: only the pass of deletions has met it.
    if (task.deletionsOnly && isMetAgain) continue;
    lane.receive.problem(joinPath(task.path, name), "statx", errno);
  }
}

/** Says whether the source has an entry of that name with nothing inside of it. */
function leaveNamed({ source, orders }: LaneContext, name: string): boolean {
  let isLeaf = false;
  for (let i = 0; i < source.count; i++) {
    if (source.nameLength[i] !== name.length || source.name(i) !== name) continue;
    orders.kind[i] = order.skip;
    orders.changes[i] = 0;
    isLeaf = !source.isDirectory(i);
  }
  return isLeaf;
}
