// The lane's part of --delay-updates and --durable=batch: flushes finished files that waited, where
// that is wanted, and gives them their names.

import { joinPath } from "../../base/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { commitDelayed } from "../../pipeline/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { DelayedGroup, RenameResult, RenameTask } from "../tasks/tasks.ts";
import { flushNames } from "./flush-names.ts";
import { moveAway, removeSourceFile } from "./remove-source.ts";

/** Runs a rename task. */
export function renameDelayed(lane: LaneContext, task: RenameTask): RenameResult {
  const { sequence, groups, flushes } = task;
  if (flushes) flushWaiting(lane, groups);
  for (const group of groups) renameGroup(lane, group);
  return { kind: "rename", sequence, events: lane.takeEvents() };
}

/** Flushes the file systems that have files of the groups, each once. A flush that fails ends the run: no name is given. */
function flushWaiting(lane: LaneContext, groups: readonly DelayedGroup[]): void {
  const flushed = new Set<string>();
  for (const { path, updates } of groups) {
    for (const { where, mount } of updates) {
      if (where === "named") continue;
      const key = where === "staged" ? `mount ${mount}` : `path ${path}`;
      if (flushed.has(key)) continue;
      flushed.add(key);
      try {
        if (where === "staged") lane.fs.syncFileSystem(lane.receive.staging.open(mount));
        else withDirectory(lane, path, (dir) => lane.fs.syncFileSystem(dir));
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        lane.receive.stop(path, error.operation, error.errno);
      }
    }
  }
}

function renameGroup(lane: LaneContext, { path, updates, far }: DelayedGroup): void {
  try {
    withDirectory(lane, path, (dir) => {
      const place = { dir, path };
      const done = updates.filter((update) => {
        lane.checkCancelled();
        const isDone = attempt(lane, path, update.name, () =>
          commitDelayed(lane.receive, place, update),
        );
        if (!isDone) lane.count("failed");
        return isDone;
      });
      flushNames(lane, place, done.length > 0);
      for (const { source, row, name } of done) {
        if (source !== undefined) removeSourceFile(lane, source, { place, name });
        if (row !== undefined) moveAway(lane, row, { place, name }, far);
      }
    });
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(path, error.operation, error.errno);
  }
}

function withDirectory(lane: LaneContext, path: string, act: (dir: DirHandle) => void): void {
  const dir = lane.openTargetDirectory(path);
  try {
    act(dir);
  } finally {
    lane.fs.closeDirectory(dir);
  }
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
