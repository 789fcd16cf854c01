// A survey of the source's end that goes on below: whoever conducts there has nothing to decide about a directory, and
// a turn of his costs more than most directories do. What is sent is what would be, in the same order.

import { assert, type ByteString, joinPath } from "../../base/index.ts";
import { mountPoint, phantom } from "../../pipeline/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { originInside } from "../plan/origin-inside.ts";
import type { SendingBelow } from "../tasks/far-tasks.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { sendSurvey } from "./send-survey.ts";
import { belowMsMax, withoutQuiet } from "./without-quiet.ts";

/** How far it goes on, and what it has found. */
interface Reach {
  readonly end: number;
  readonly directoriesMax: number;
  readonly below: SendingBelow[];
}

/** Surveys a directory and, as long as there is time, what is below it: so many directories at most. */
export function sendBelow(
  lane: LaneContext,
  task: SurveyTask,
  directoriesMax: number,
): SurveyResult {
  const below: SendingBelow[] = [];
  const reach = { end: lane.clock.now() + belowMsMax, directoriesMax, below };
  const own = sendSurvey(lane, task);
  return { ...goOn(lane, task, own, reach), below };
}

/** Goes on below a directory that the lane has just surveyed. */
function goOn(lane: LaneContext, task: SurveyTask, own: SurveyResult, reach: Reach): SurveyResult {
  const { subdirs, sending } = own;
  const [from] = task.origins;
  if (subdirs === undefined || sending === undefined || from === undefined) return own;
  const brought = new Map<number, SurveyResult>();
  const quiet = new Set<number>();
  for (const { index, name } of findOwn(lane, subdirs.made.length)) {
    const isFull = reach.below.length >= reach.directoriesMax;
    if (isFull || lane.isCancelled || lane.clock.now() >= reach.end) break;
    const origins = [originInside(from, name, false)];
    const path = joinPath(task.path, name);
    const inside = { ...task, path, origins };
    const { sending: sent, ...found } = sendSurvey(lane, inside);
    assert(sent !== undefined, "What the source's end surveys goes to the other one.");
    reach.below.push({ ...sent, parent: sending.directory, index, path, origins });
    const { subdirs: left } = goOn(lane, inside, { ...found, sending: sent }, reach);
    if (left === undefined) quiet.add(index);
    else brought.set(index, { ...found, subdirs: left, far: sent.directory });
  }
  if (quiet.size === 0 && brought.size === 0) return own;
  return { ...own, subdirs: withoutQuiet(subdirs, quiet, brought) };
}

/** Finds the subdirectories, which stand last, that hold what their parent's place has in them. */
function findOwn(
  { source }: LaneContext,
  count: number,
): { readonly index: number; readonly name: ByteString }[] {
  const first = source.count - count;
  const own = [];
  for (let i = first; i < source.count; i++) {
    if (((source.verdict[i] as number) & (mountPoint | phantom)) !== 0) continue;
    own.push({ index: i - first, name: source.name(i) });
  }
  return own;
}
