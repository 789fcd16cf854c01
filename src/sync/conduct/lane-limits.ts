// How many lanes a run may have: as many as there are processors, more where they wait for slow
// storage, and never more than the limit of open files lets live.

import type { Options } from "../../options/index.ts";
import type { SchedulerLimits } from "../../schedule/index.ts";
import { bundleCost, isPaced } from "./pacing.ts";

/** Lanes that waiting for slow storage can make it grow to. */
const waitingLanesMax = 32;
/** Long enough that messages cost nothing, short enough that work can still be shared out among more lanes. */
const bundleMs = 50;
/** A worker takes about this much of a processor to start: shorter jobs never need one. */
const warmUpMs = 60;
/** Who asks for a number of threads gets them sooner, as soon as a job is more than a handful of files; and so does a job that is going to be long. */
const soonMs = 12;
/** An end of a run with another machine has half of the work: starting a thread costs more than a short run gains. */
const farAloneMs = 1000;
/** Files that the process holds with the one lane that is no thread of its own, and what each further one adds (measured: 27, 11). */
const firstLaneFiles = 28;
const laneFiles = 12;

/** What the machine gives. */
export interface LaneMeans {
  readonly processors: number;
  /** Undefined = not known, or no limit. */
  readonly openFilesMax: number | undefined;
}

/** Says whether a lane in a thread of its own would find files to open. */
export function mayStartThread({ openFilesMax }: LaneMeans): boolean {
  return openFilesMax === undefined || openFilesMax >= firstLaneFiles + laneFiles;
}

/** Returns the scheduler's limits. `isFar`: the other end of the run is on another machine. */
export function laneLimits(
  options: Options,
  { processors, openFilesMax }: LaneMeans,
  isFar = false,
): SchedulerLimits {
  const { threads } = options.limits;
  const most =
    openFilesMax === undefined
      ? Number.POSITIVE_INFINITY
      : 1 + Math.max(0, Math.floor((openFilesMax - firstLaneFiles) / laneFiles));
  // Who waits for a rate gains nothing by company.
  const mayGrow = threads === undefined && !isPaced(options);
  const fixed = threads ?? processors;
  return {
    lanesMin: Math.min(fixed, most),
    lanesMax: Math.min(mayGrow ? Math.max(processors, waitingLanesMax) : fixed, most),
    bundlesPerLane: 2,
    bundleCost: bundleCost(options),
    bundleMs,
    warmUpMs: threads === undefined ? warmUpMs : soonMs,
    busyWarmUpMs: soonMs,
    aloneMs: isFar && threads === undefined ? farAloneMs : undefined,
  };
}
