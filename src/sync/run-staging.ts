// A run's place in the target's state directory: taken at its beginning, swept at its end, unless something is kept there for
// the next run.

import type { FileSystem } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { type ProgressEvent, stateDirectory } from "../tree/index.ts";
import type { Endpoints } from "./plan/run-ends.ts";
import { targetProblem } from "./plan/run-problems.ts";
import type { SharedMemory } from "./plan/shared-memory.ts";
import type { FarRun } from "./run-listener.ts";
import { closeRunJob, keepsContent, openRunJobOf, type RunJob } from "./state/run-job.ts";

/** What staging has to do with. */
export interface Staging {
  readonly fs: FileSystem;
  readonly endpoints: Endpoints;
  readonly options: Options;
  readonly memory: SharedMemory;
  readonly keeps: FarRun["keeps"];
  readonly tell: (event: ProgressEvent) => void;
}

/** Takes a place, if the run has one. */
export function openStaging({
  fs,
  endpoints: { target, targetExists },
  options,
  memory,
  keeps,
  tell,
}: Staging): RunJob | undefined {
  const job = targetExists ? openRunJobOf(fs, options, target, keeps?.prefix) : undefined;
  if (job?.unswept !== undefined) tell(job.unswept);
  if (job?.stateExists === true) memory.write("staged", 1);
  if (keeps !== undefined && job !== undefined && target !== undefined) {
    memory.write("staged", 1);
    keeps.begin({ fs, target: target.path, job: job.name });
  }
  return job;
}

/**
 * Removes what the run staged, and what nobody asked to keep and a whole run had no use for; what stays is told.
 * `isOver`: it went to its end. `isWhole`: and nothing was left undone.
 */
export function sweepStaging(
  staging: Staging & { readonly isOver: boolean; readonly isWhole: boolean },
  job: RunJob | undefined,
): void {
  const { fs, endpoints, options, memory, keeps, tell, isOver, isWhole } = staging;
  const { target } = endpoints;
  if (memory.read("staged") === 0 || job === undefined || target === undefined) return;
  const places = { target, tempDir: options.transfer.tempDir };
  if (!isOver && keeps !== undefined && keepsContent(fs, places, job.name, keeps.prefix)) return;
  const unwanted = options.partial.keep || !isWhole ? [] : job.unfinished;
  const failed = closeRunJob(fs, places, job.name, unwanted);
  if (failed !== undefined) tell(targetProblem(target.label + stateDirectory, failed));
}
