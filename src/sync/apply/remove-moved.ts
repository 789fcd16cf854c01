// --remove-source-files at the source's end of a run whose target is on another machine: takes away what
// the other end says it has.

import { ManifoldError } from "../../base/index.ts";
import { Directory, isDirectory } from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import type { RemovedResult, RemoveTask } from "../tasks/far-tasks.ts";
import { removeSourceFile, sourceFile } from "./remove-source.ts";

/** Runs a removal. Throws a protocol-data error for what is no file that was sent. */
export function removeMoved(lane: LaneCore, task: RemoveTask): RemovedResult {
  const listing = Directory.thaw(task.listing);
  for (const [at, row] of task.rows.entries()) {
    lane.checkCancelled();
    const mode = listing.mode[row];
    if (row >= listing.count || mode === undefined || isDirectory(mode)) {
      const text = `The other end wants entry ${row} removed, which is no file that was sent`;
      throw new ManifoldError("protocol-data", text);
    }
    const file = sourceFile(task.origins, task.named, listing, row);
    const copy = task.copies[at];
    if (copy === undefined) continue;
    removeSourceFile(lane, file, { copy, isSameMachine: task.isSameMachine });
  }
  return { kind: "removed", id: task.id, events: lane.takeEvents() };
}
