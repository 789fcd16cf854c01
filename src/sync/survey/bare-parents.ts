// --no-implied-dirs: implied parents are taken as the target has them, a symlink to a directory
// included; those that are missing are made like any new directory and never told of, unless all that
// they lead to is missing, too (--delete-missing-args).

import { order } from "../../changeset/index.ts";
import { type DirHandle, FsError, Stat } from "../../fs/index.ts";
import { phantom } from "../../pipeline/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { keepsImplied } from "../lane/target-follow.ts";
import { newDirectoryMode } from "../plan/new-modes.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

const stat = new Stat();

/** Settles the orders of implied parents in a surveyed directory; true when one was made. */
export function settleBareParents(
  lane: LaneContext,
  task: SurveyTask,
  dir: DirHandle | undefined,
): boolean {
  const { walk } = lane.settings.options;
  if (walk.missingArgs === "delete") settlePhantoms(lane);
  if (!keepsImplied({ walk })) return false;
  const { source, orders } = lane;
  let touched = false;
  for (let i = source.count - 1; i >= 0 && source.isDirectory(i); i--) {
    const group = task.named[(source.origin[i] as number) - task.origins.length];
    if (group?.implied !== true || orders.kind[i] === order.skip) continue;
    if ((source.verdict[i] as number) & phantom) continue;
    const kind = orders.kind[i] as number;
    orders.changes[i] = 0;
    orders.kind[i] = order.none;
    if (task.deletionsOnly) {
      if (kind === order.add) orders.kind[i] = order.add;
    } else if (kind === order.add) {
      if (group.inVain) orders.kind[i] = order.skip;
      else if (makeBare(lane, task, dir, i)) touched = true;
    } else if (kind === order.replace && !standsFor(lane, dir, i)) {
      lane.receive.problem(path(lane, task, i), "mkdir", 20);
      orders.kind[i] = order.skip;
    }
  }
  return touched;
}

/** Parents that only the target has: nothing about them is changed, but what is missing in them can be deleted. */
function settlePhantoms({ source, orders }: LaneContext): void {
  for (let i = source.count - 1; i >= 0 && source.isDirectory(i); i--) {
    if (((source.verdict[i] as number) & phantom) === 0) continue;
    const stands = orders.kind[i] === order.none || orders.kind[i] === order.meta;
    orders.kind[i] = stands ? order.none : order.skip;
    orders.changes[i] = 0;
  }
}

function path({ source }: LaneContext, task: SurveyTask, i: number): string {
  return task.path === "" ? source.name(i) : `${task.path}/${source.name(i)}`;
}

function makeBare(
  lane: LaneContext,
  task: SurveyTask,
  dir: DirHandle | undefined,
  i: number,
): boolean {
  const { options, umask } = lane.settings;
  if (options.transfer.dryRun) return false;
  try {
    if (dir === undefined) throw new FsError(2, "mkdir", "");
    lane.fs.makeDirectory(dir, lane.source.name(i), newDirectoryMode(lane.fs, dir, umask));
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(path(lane, task, i), "mkdir", error.errno);
    lane.orders.kind[i] = order.skip;
    return false;
  }
}

/** Says whether what the target has in the directory's place leads to a directory. */
function standsFor({ fs, source }: LaneContext, dir: DirHandle | undefined, i: number): boolean {
  if (dir === undefined) return false;
  try {
    return fs.stat(dir, source.name(i), stat, true) && isDirectory(stat.mode);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}
