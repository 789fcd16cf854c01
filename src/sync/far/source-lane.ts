// The settings of the lanes of a run's source's end: they read, list and remove, and have no target.

import type { LaneSettings } from "../plan/lane-settings.ts";
import type { SharedMemory } from "../plan/shared-memory.ts";
import type { SourceServerContext } from "./source-server-context.ts";

/** Returns the settings of its first lane. */
export function sourceLane(
  context: Pick<
    SourceServerContext,
    "options" | "surroundings" | "sources" | "filterRules" | "digests"
  >,
  memory: SharedMemory,
  rsync: Pick<LaneSettings, "farSums" | "farLevel"> = {},
): LaneSettings {
  const { options, surroundings, sources, filterRules, digests } = context;
  const { umask, euid, egid, groups, workingDirectory, confinement, door } = surroundings;
  return {
    lane: 0,
    options,
    far: "target",
    ...rsync,
    sources: sources.plan.roots,
    target: undefined,
    job: undefined,
    hasPartials: false,
    targetIdentity: undefined,
    sourcesInside: [],
    madeRoot: false,
    umask,
    euid,
    egid,
    groups,
    items: "none",
    control: memory.control,
    counters: memory.counters,
    rate: undefined,
    basisRoots: [],
    idMaps: undefined,
    filterRules,
    digests,
    workingDirectory,
    confinement,
    door,
  };
}
