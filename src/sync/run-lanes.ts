// The lanes of a run: what they are told, and how one is started.

import { type FileSystem, watchThread } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { inlineLane, type Lane, type LaneListener, workerLane } from "../schedule/index.ts";
import type { FilterRuleSet } from "../tree/index.ts";
import { mayStartThread } from "./conduct/lane-limits.ts";
import { isPaced } from "./conduct/pacing.ts";
import { targetDoor } from "./lane/doors.ts";
import { laneHandler } from "./lane-handler.ts";
import { basisRoots, namedRoots } from "./plan/basis-roots.ts";
import { moveMemory } from "./plan/detects-renames.ts";
import type { IdMaps } from "./plan/id-maps.ts";
import type { DigestSettings, LaneSettings } from "./plan/lane-settings.ts";
import type { Endpoints } from "./plan/run-ends.ts";
import type { SharedMemory } from "./plan/shared-memory.ts";
import { sourcesInside } from "./plan/sources-inside.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { FarRun } from "./run-listener.ts";
import type { RunJob } from "./state/run-job.ts";
import { targetIdentity } from "./survey/target-inside.ts";
import { itemsWanted } from "./tasks/item-wishes.ts";
import type { LaneResult, LaneTask } from "./tasks/tasks.ts";

/** What was found out before the lanes start. */
export interface LaneGround {
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly endpoints: Endpoints;
  readonly job: RunJob | undefined;
  readonly memory: SharedMemory;
  readonly idMaps: IdMaps | undefined;
  readonly filterRules: FilterRuleSet | undefined;
  readonly digests: DigestSettings | undefined;
  /** The source, where it is on another machine. */
  readonly far: FarRun | undefined;
  /** Content of small files comes with its directories. */
  readonly takesAhead?: boolean;
}

/** Returns what lanes are told; each gets its own number. */
export function laneSettings(fs: FileSystem, ground: LaneGround): LaneSettings {
  const { options, surroundings, endpoints, job, memory, far } = ground;
  const { umask, euid, egid, groups, workingDirectory, confinement } = surroundings;
  return {
    lane: 0,
    options,
    ...(far && {
      far: "source",
      farSums: far.sums,
      farMatches: far.client.walked !== undefined,
      takesAhead: ground.takesAhead,
    }),
    asked: far?.asked && { ...far.asked, ...endpoints.naming },
    sources: endpoints.plan.roots,
    target: endpoints.target,
    job: job?.name,
    namesInBatches: true,
    hasPartials: job?.unfinished !== undefined,
    targetIdentity: far ? undefined : targetIdentity(fs, endpoints),
    sourcesInside: far ? [] : sourcesInside(fs, options, endpoints),
    madeRoot: endpoints.madeRoot,
    umask,
    euid,
    egid,
    groups,
    items: itemsWanted(options),
    control: memory.control,
    counters: memory.counters,
    rate: isPaced(options) ? new SharedArrayBuffer(8) : undefined,
    basisRoots: basisRoots(options, endpoints, workingDirectory),
    // rsync does not compare what it has with what the target has elsewhere.
    moves: far?.sums ? undefined : moveMemory(targetDoor(fs, options), options, endpoints),
    renameRoots: namedRoots(options.own.renames.from, endpoints, workingDirectory),
    idMaps: ground.idMaps,
    filterRules: ground.filterRules,
    digests: ground.digests,
    workingDirectory,
    confinement,
    links: surroundings.links,
    door: surroundings.door,
  };
}

/** Starts a lane: the first one on this thread where that can be, the others in threads of their own. */
export function startLane(
  settings: LaneSettings,
  surroundings: Surroundings,
  listener: LaneListener<LaneResult>,
): Lane<LaneTask, LaneResult> {
  const { fileSystem, laneUrl, clock } = surroundings;
  // This thread listens to signals: it must not wait for a rate, nor be the only one for long tasks.
  // Nor can it wait for pieces of large files, which it hands to the others.
  const mayStart = mayStartThread(surroundings);
  const isAlone = settings.options.limits.threads === 1 && mayStart;
  const isWaiting = settings.far !== undefined && !mayStart;
  const isInline = settings.lane === 0 && settings.rate === undefined && !isAlone && !isWaiting;
  // A thread that goes on alone while it keeps up tells whether it waits.
  const watch = isInline && settings.far !== undefined ? watchThread() : undefined;
  return isInline || laneUrl === undefined
    ? inlineLane(laneHandler(settings, fileSystem, clock), listener, () => clock.now(), watch)
    : workerLane(laneUrl, settings, listener);
}
