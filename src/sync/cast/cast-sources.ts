// What a cast is of: the sources that were named, looked at.

import type { Options } from "../../options/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { planSources, type SourcePlan } from "../plan/plan-sources.ts";
import { ruleWarning } from "../plan/run-problems.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Looks at the sources; a changeset and a probe have none. `tell` hears what is odd about them. Throws ManifoldError. */
export function castSources(
  options: Options,
  surroundings: Surroundings,
  tell: (event: ProgressEvent) => void,
): SourcePlan | undefined {
  const { cast } = options.own;
  if (cast?.changeset !== undefined || cast?.probe === true) return undefined;
  const fs = openDoor(surroundings);
  const filterRules = parseRunFilters(fs, options, surroundings, (message) =>
    tell(ruleWarning(message, "source")),
  );
  const planned = planSources({ ...surroundings, fs, options, filterRules });
  for (const event of planned.events) tell(event);
  return planned;
}
