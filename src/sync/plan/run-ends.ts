// The two ends of a run as records: what opening them yields, and what it takes.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { RootSetting } from "./lane-settings.ts";
import type { PlanningContext } from "./plan-sources.ts";
import type { PlanNaming, TransferPlan } from "./transfer-plan.ts";

/** The ends of a run, looked at and made ready. */
export interface Endpoints {
  readonly plan: TransferPlan;
  /** Undefined when nothing is written: a listing, or nothing to transfer. */
  readonly target: RootSetting | undefined;
  /** The target directory exists (always, except in a dry run that would make it). */
  readonly targetExists: boolean;
  /** The transfer's own top directory is new on the target. */
  readonly madeRoot: boolean;
  /** Set when this run made (or would make) the target directory and that is to be told. */
  readonly created: CreatedTarget | undefined;
  readonly naming: PlanNaming;
  /** What was met on the way, to be told. */
  readonly events: readonly ProgressEvent[];
  /** Some argument could not be looked at: nothing may be deleted. */
  readonly incomplete: boolean;
  /** Why there can be no run. */
  readonly failure: ManifoldError | undefined;
}

/** A directory that was made for the transfer. */
export interface CreatedTarget {
  readonly path: ByteString;
  /** How many directories --mkpath made, 0 = it is not about --mkpath. */
  readonly madeByMkpath: number;
  /** --mkpath made the target itself, not only what it lies in. */
  readonly isTarget?: boolean;
}

/** What the ends are opened with. */
export interface EndsContext extends PlanningContext {
  readonly umask: number;
}
