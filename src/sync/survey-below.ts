// A survey that goes on below: a directory that has nothing to tell and nothing to do is most of what there is, and
// costs whoever conducts as much as any other. So the lane that looked at its parent looks at it, too, and only what is
// not like that becomes known by itself (docs/decisions/0092-surveys-that-go-on-below.md).

import { assert, type ByteString, joinPath } from "../base/index.ts";
import { order } from "../changeset/index.ts";
import { FsError } from "../fs/index.ts";
import { mountPoint, type Origin, phantom } from "../pipeline/index.ts";
import { firstDirectory } from "../tree/index.ts";
import { isNarrow } from "./apply/narrow-directories.ts";
import { failedTask } from "./failed-task.ts";
import type { LaneContext } from "./lane/lane-context.ts";
import { originInside } from "./plan/origin-inside.ts";
import { sendBelow } from "./survey/send-below.ts";
import { survey } from "./survey/survey.ts";
import { belowMsMax, withoutQuiet } from "./survey/without-quiet.ts";
import { type BelowRecord, nothingLooked } from "./tasks/far-tasks.ts";
import type { Subdirectories, SurveyResult, SurveyTask } from "./tasks/tasks.ts";
import { toldBy } from "./tasks/told-by.ts";

/** A subdirectory that stands on the target just as the source has it. */
interface Standing {
  /** Which of its parent's subdirectories it is. */
  readonly index: number;
  readonly name: ByteString;
}

/** How far a task goes on. */
interface Reach {
  readonly end: number;
  /** Of a source elsewhere, it goes on with what has come; undefined = the source is here. */
  readonly come: ComeBelow | undefined;
}

/** Surveys a directory, and those below it that stand, as long as there is time. */
export function surveyBelow(lane: LaneContext, task: SurveyTask): SurveyResult {
  if (task.sendsBelow !== undefined) return sendBelow(lane, task, task.sendsBelow);
  if (!task.goesBelow) return surveyAlone(lane, task);
  const end = lane.clock.now() + belowMsMax;
  if (task.record === undefined) return goBelow(lane, task, { end, come: undefined });
  const come = new ComeBelow(task.below ?? []);
  lane.looked = nothingLooked();
  const result = goBelow(lane, task, { end, come });
  const { read, quiet, unlisted } = come;
  return { ...result, read, quiet, unlisted, looked: lane.looked };
}

function surveyAlone(lane: LaneContext, task: SurveyTask): SurveyResult {
  if (task.record === undefined) return survey(lane, task);
  lane.looked = nothingLooked();
  const result = survey(lane, task);
  const { sums, others } = lane.looked;
  return sums === 0 ? result : { ...result, looked: { files: 0, alike: 0, sums, others } };
}

/** Records that came with a task, by their directory. */
class ComeBelow {
  readonly #records: readonly BelowRecord[];
  readonly #places = new Map<string, number>();
  /** Places of those that were read, and of those about which nothing will be asked. */
  readonly read: number[] = [];
  readonly quiet: number[] = [];
  /** And of those whose record is needed. */
  readonly unlisted: number[] = [];

  constructor(records: readonly BelowRecord[]) {
    this.#records = records;
    for (const [place, { parent, index }] of records.entries())
      this.#places.set(`${parent}:${index}`, place);
  }

  /** Returns what came of subdirectory `index` of a directory; undefined = nothing, or it was read. */
  take(parent: number | undefined, index: number): ComeRecord | undefined {
    const key = `${parent}:${index}`;
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    this.#places.delete(key);
    this.read.push(place);
    return { ...(this.#records[place] as BelowRecord), place };
  }

  /** Says whether the record of a directory is needed before it can be surveyed, and notes that. */
  lacks(came: ComeRecord | undefined, { isUnlisted = false }: SurveyResult): boolean {
    if (isUnlisted && came !== undefined) this.unlisted.push(came.place);
    return isUnlisted;
  }
}

type ComeRecord = BelowRecord & { readonly place: number };

function goBelow(lane: LaneContext, task: SurveyTask, reach: Reach): SurveyResult {
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
      if (lane.isCancelled || lane.clock.now() >= reach.end) break;
      const came = reach.come?.take(task.far, index);
      if (reach.come !== undefined && came === undefined) continue;
      const inside = surveyInside(lane, insideOf(task, from, name, came), reach);
      // Whoever conducts gives it out when its record is here.
      if (reach.come?.lacks(came, inside) === true) continue;
      isProbed ||= inside.isProbed === true;
      if (isQuiet(inside)) {
        quiet.add(index);
        if (came !== undefined) reach.come?.quiet.push(came.place);
        entries += inside.entries;
      } else brought.set(index, came === undefined ? inside : { ...inside, far: came.directory });
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

function insideOf(
  task: SurveyTask,
  from: Origin,
  name: ByteString,
  came: ComeRecord | undefined,
): SurveyTask {
  const origins = [originInside(from, name, false)];
  const path = joinPath(task.path, name);
  const inside = { ...task, path, origins, self: undefined, targetExists: true };
  if (came === undefined) return inside;
  const { directory, record } = came;
  return { ...inside, far: directory, record, content: undefined, below: undefined };
}

function surveyInside(lane: LaneContext, task: SurveyTask, reach: Reach): SurveyResult {
  try {
    return goBelow(lane, task, reach);
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
