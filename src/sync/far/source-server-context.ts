// What the source's end of a run with another machine is made with.

import type { Options } from "../../options/index.ts";
import type { Lane } from "../../schedule/index.ts";
import type { Peer } from "../../session/index.ts";
import type { FilterRuleSet } from "../../tree/index.ts";
import type { DigestSettings, LaneSettings } from "../plan/lane-settings.ts";
import type { SourcePlan } from "../plan/plan-sources.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import type { LaneResult, LaneTask } from "../tasks/tasks.ts";

/** What serving needs. */
export interface SourceServerContext {
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly sources: SourcePlan;
  readonly filterRules: FilterRuleSet | undefined;
  readonly digests: DigestSettings | undefined;
  readonly peer: Peer;
  /** Starts a lane with these settings. */
  readonly startLane: (
    settings: LaneSettings,
    listener: { failed(error: unknown): void; news(result: LaneResult): void },
  ) => Lane<LaneTask, LaneResult>;
  /** Hears what ends the run. */
  readonly failed: (error: unknown) => void;
}
