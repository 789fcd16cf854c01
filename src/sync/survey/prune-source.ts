// --prune-empty-dirs in a lane: joins the scan's look-ahead with the lane's filters.

import { pruneEmpty } from "../../pipeline/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

/** Takes directories that bring nothing but directories out of the lane's source listing. */
export function pruneSource(
  lane: LaneCore,
  task: Pick<SurveyTask, "path" | "origins" | "named" | "deletionsOnly">,
  source = lane.source,
): void {
  const { walk } = lane.settings.options;
  if (!walk.pruneEmptyDirs) return;
  const { filters, scan } = lane;
  const context = {
    ...scan,
    recurse: walk.recurse,
    hidesIn: (root: number, path: string) => filters?.hides(root, path, true),
    keepsIn: (path: string) => filters?.keepsEmpty(path),
    // They are part of what was found, as rsync counts it.
    pruned: (directories: number) => {
      if (!task.deletionsOnly) lane.count("directories", directories);
    },
    problem: task.deletionsOnly ? () => undefined : scan.problem,
  };
  pruneEmpty(context, task, source);
}
