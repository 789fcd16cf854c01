// A target inside a source: the target's own directory, met among what is to be copied, would be
// copied into itself for ever. It is left alone, on both sides.

import { joinPath } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import type { FileSystem } from "../../fs/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { DirectoryIdentity } from "../plan/lane-settings.ts";
import type { Endpoints } from "../plan/run-ends.ts";
import { identityOf } from "../plan/sources-inside.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

/** Takes the order away from a directory that is the target's root, and says so. */
export function leaveTargetOut(lane: LaneContext, task: SurveyTask): void {
  const { targetIdentity } = lane.settings;
  if (targetIdentity === undefined) return;
  const { source, orders } = lane;
  const { devMajor, devMinor, inoHigh, inoLow } = targetIdentity;
  for (let i = source.count - 1; i >= 0 && source.isDirectory(i); i--) {
    if (source.inoLow[i] !== inoLow || source.inoHigh[i] !== inoHigh) continue;
    if (source.devMajor[i] !== devMajor || source.devMinor[i] !== devMinor) continue;
    // Of an implied parent only what is named goes, which comes to an end.
    if (task.named[(source.origin[i] as number) - task.origins.length]?.implied) continue;
    orders.kind[i] = order.skip;
    orders.changes[i] = 0;
    if (task.deletionsOnly) continue;
    const path = joinPath(task.path, source.name(i));
    lane.note("target", 0, `skipping directory ${path}, which is the target itself`);
  }
}

/** Returns which directory the target is, when there is one already. Throws FsError. */
export function targetIdentity(
  fs: FileSystem,
  { target, targetExists }: Endpoints,
): DirectoryIdentity | undefined {
  if (target === undefined || !targetExists) return undefined;
  const dir = fs.openRoot(target.path);
  try {
    return identityOf(fs, dir);
  } finally {
    fs.closeDirectory(dir);
  }
}
