// A survey that goes on below: a directory that has nothing to tell and nothing to do is most of what there is, and
// costs whoever conducts as much as any other. So the lane that looked at its parent looks at it, too, and only what is
// not like that becomes known by itself (docs/decisions/0092-surveys-that-go-on-below.md).

import { assert, type ByteString, joinPath } from "../base/index.ts";
import { Orders, order } from "../changeset/index.ts";
import { FsError } from "../fs/index.ts";
import { mountPoint, type Origin, phantom } from "../pipeline/index.ts";
import { Directory, firstDirectory, freezeRows, selectMap } from "../tree/index.ts";
import { isNarrow } from "./apply/narrow-directories.ts";
import { failedTask } from "./failed-task.ts";
import type { LaneContext } from "./lane/lane-context.ts";
import { originInside } from "./plan/origin-inside.ts";
import { survey } from "./survey/survey.ts";
import type { Subdirectories, SurveyResult, SurveyTask } from "./tasks/tasks.ts";
import { toldBy } from "./tasks/told-by.ts";

/** A task goes no further when it has lasted so long: others wait for their share of what it found, and signals to be heard. */
const belowMsMax = 4;

/** A subdirectory that stands on the target just as the source has it. */
interface Standing {
  /** Which of its parent's subdirectories it is. */
  readonly index: number;
  readonly name: ByteString;
}

/** Surveys a directory, and those below it that stand, as long as there is time. */
export function surveyBelow(lane: LaneContext, task: SurveyTask): SurveyResult {
  return task.goesBelow ? goBelow(lane, task, lane.clock.now() + belowMsMax) : survey(lane, task);
}

function goBelow(lane: LaneContext, task: SurveyTask, end: number): SurveyResult {
  const result = survey(lane, task);
  const { subdirs } = result;
  const [from] = task.origins;
  // A flush at the end has to know of every device.
  if (subdirs === undefined || from === undefined || result.device !== undefined) return result;
  const standing = findStanding(lane, subdirs);
  const brought = new Map<number, SurveyResult>();
  const quiet = new Set<number>();
  let { entries, isProbed = false } = result;
  try {
    for (const { index, name } of standing) {
      if (lane.isCancelled || lane.clock.now() >= end) break;
      const inside = surveyInside(lane, insideOf(task, from, name), end);
      isProbed ||= inside.isProbed === true;
      if (isQuiet(inside)) {
        quiet.add(index);
        entries += inside.entries;
      } else brought.set(index, inside);
    }
  } catch (error) {
    // The task ends with that, and what it has done before is told with it.
    lane.events.unshift(...toldBy({ ...result, subdirs: { ...subdirs, brought } }));
    throw error;
  }
  if (quiet.size === 0 && brought.size === 0) return result;
  return { ...result, entries, isProbed, subdirs: withoutQuiet(subdirs, quiet, brought) };
}

/** Finds the subdirectories of the directory that the lane has just surveyed that it may go on with. */
function findStanding({ source, orders }: LaneContext, { made }: Subdirectories): Standing[] {
  const first = firstDirectory(source);
  const standing: Standing[] = [];
  for (let i = first; i < source.count; i++) {
    if (orders.kind[i] !== order.none || made[i - first] !== 1 || orders.changes[i] !== 0) continue;
    if (((source.verdict[i] as number) & (mountPoint | phantom)) !== 0) continue;
    // It is given its own permissions when all in it is done.
    if (isNarrow(source.mode[i] as number)) continue;
    standing.push({ index: i - first, name: source.name(i) });
  }
  return standing;
}

function insideOf(task: SurveyTask, from: Origin, name: ByteString): SurveyTask {
  const origins = [originInside(from, name, false)];
  return { ...task, path: joinPath(task.path, name), origins, self: undefined, targetExists: true };
}

function surveyInside(lane: LaneContext, task: SurveyTask, end: number): SurveyResult {
  try {
    return goBelow(lane, task, end);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const failed = failedTask(lane, task, error);
    assert(failed.kind === "survey", "A survey that fails is answered as a survey.");
    return failed;
  }
}

/** Says whether nothing need be known of a directory but how many entries it has. */
function isQuiet(result: SurveyResult): boolean {
  const { early, events, delayed, strays } = result;
  return (
    early.length + events.length + delayed.length + (strays?.length ?? 0) === 0 &&
    result.subdirs === undefined &&
    result.rest === undefined &&
    result.waits === undefined &&
    result.extras === undefined &&
    result.device === undefined &&
    result.self === undefined &&
    result.sending === undefined &&
    !result.touched
  );
}

/** Returns the subdirectories but for quiet ones; undefined = none is left. */
function withoutQuiet(
  { listing, orders, made, apart }: Subdirectories,
  quiet: ReadonlySet<number>,
  brought: ReadonlyMap<number, SurveyResult>,
): Subdirectories | undefined {
  const rows = Uint32Array.from(made.keys()).filter((i) => !quiet.has(i));
  if (rows.length === 0) return undefined;
  return {
    listing: freezeRows(Directory.thaw(listing), rows),
    orders: Orders.thaw(orders).freezeRows(rows).frozen,
    made: Uint8Array.from(rows, (i) => made[i] as number),
    apart: apart && selectMap(apart, rows),
    brought: selectMap(brought, rows),
  };
}
