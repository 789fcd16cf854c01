// The lane's part of --delay-updates: gives finished files that waited their names.

import { joinPath } from "../base/index.ts";
import { type DirHandle, FsError } from "../fs/index.ts";
import { commitDelayed } from "../pipeline/index.ts";
import type { LaneContext } from "./lane-context.ts";
import { removeSourceFile } from "./remove-source.ts";
import type { RenameResult, RenameTask } from "./tasks.ts";

/** Runs a rename task. */
export function renameDelayed(lane: LaneContext, task: RenameTask): RenameResult {
  const { path, sequence, updates } = task;
  let dir: DirHandle | undefined;
  try {
    dir = lane.openTargetDirectory(path);
    const place = { dir, path };
    for (const update of updates) {
      lane.checkCancelled();
      const done = attempt(lane, path, update.name, () =>
        commitDelayed(lane.receive, place, update),
      );
      if (!done) lane.count("failed");
      else if (update.source !== undefined) {
        removeSourceFile(lane, update.source, place, update.name);
      }
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(path, error.operation, error.errno);
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
  return { kind: "rename", sequence, events: lane.takeEvents() };
}

function attempt(lane: LaneContext, path: string, name: string, act: () => boolean): boolean {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(joinPath(path, name), error.operation, error.errno);
    return false;
  }
}
