// What a source's end that speaks rsync's protocol has to send: its arguments looked at, and its filter rules.

import type { Options } from "../../options/index.ts";
import type { FilterRuleSet, ProgressEvent } from "../../tree/index.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { planSources, type SourcePlan } from "../plan/plan-sources.ts";
import { ruleWarning } from "../plan/run-problems.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Looks at them. Throws ManifoldError. */
export function planPush(
  options: Options,
  surroundings: Surroundings,
  tell: (event: ProgressEvent) => void,
): { readonly sources: SourcePlan; readonly filterRules: FilterRuleSet | undefined } {
  const fs = openDoor(surroundings);
  const filterRules = parseRunFilters(fs, options, surroundings, (message) =>
    tell(ruleWarning(message, "source")),
  );
  return { sources: planSources({ ...surroundings, fs, options, filterRules }), filterRules };
}
