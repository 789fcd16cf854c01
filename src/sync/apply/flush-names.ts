// --durable=file: a directory is flushed after its names have changed. With --durable=batch that is
// left to the flush at the end of the run, except where something else relies on the names.

import { FsError } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";

/** Flushes the directory if its names changed and the user wants names to last. Ends the run when that fails. */
export function flushNames(lane: LaneCore, { dir, path }: TargetPlace, changed: boolean): void {
  const { own, transfer } = lane.settings.options;
  const reliesOnNames = own.durable === "batch" && transfer.removeSourceFiles;
  if (!changed || dir < 0 || !(own.durable === "file" || reliesOnNames)) return;
  try {
    lane.fs.syncDirectory(dir);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.stop(path, error.operation, error.errno);
  }
}
