// --files-from for a stage that looks at one tree: only what the list names is listed.

import type { ByteString } from "../../base/index.ts";
import type { FilterRuleSet } from "../../tree/index.ts";
import { openDoor } from "../plan/open-door.ts";
import { planSources } from "../plan/plan-sources.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";
import type { StageContext, StageOutcome } from "./stage-output.ts";

/** Returns what the list names in the tree `path`; undefined = there is no list, and all of it is wanted. Throws ManifoldError. */
export function namedPlan(
  { options, surroundings, tell }: StageContext,
  filterRules: FilterRuleSet | undefined,
  path: ByteString,
  outcome: StageOutcome,
): TransferPlan | undefined {
  if (options.walk.filesFrom === undefined) return undefined;
  const { workingDirectory, readStandardInput } = surroundings;
  const fs = openDoor(surroundings);
  const common = { fs, filterRules, workingDirectory, readStandardInput };
  const { plan, events } = planSources({ ...common, options: { ...options, sources: [path] } });
  for (const event of events) {
    if (event.type === "problem") outcome.passed(event.exit);
    tell(event);
  }
  return plan;
}
