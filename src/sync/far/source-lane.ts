// The settings of the lanes of a run's source's end: they read, list and remove, and have no target.

import type { Options } from "../../options/index.ts";
import type { Agreement } from "../../rsync/index.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";
import type { SharedMemory } from "../plan/shared-memory.ts";
import type { SourceServerContext } from "./source-server-context.ts";

/** Returns how lanes make tokens of what is read, by what was agreed on with an rsync. */
export function tokenSettings(
  { transfer: { compress } }: Options,
  { checksums, compression }: Agreement,
): Pick<LaneSettings, "farSums" | "farPacking"> {
  const { level } = compress;
  const farPacking = compression === "none" ? undefined : { name: compression, level };
  return { farSums: checksums, farPacking };
}

/** Returns the settings of its first lane. */
export function sourceLane(
  context: Pick<
    SourceServerContext,
    "options" | "surroundings" | "sources" | "filterRules" | "digests"
  >,
  memory: SharedMemory,
  rsync: Pick<LaneSettings, "farSums" | "farPacking"> = {},
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
