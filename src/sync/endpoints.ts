// Looks at the two ends of a local run before it starts: which plan the arguments make, whether the
// target is a directory, has to be made, or is a file's new name (rsync(1), USAGE; --mkpath).

import { planSources } from "./plan-sources.ts";
import type { Endpoints, EndsContext } from "./run-ends.ts";
import { placeTarget } from "./target-place.ts";

/** Builds the plan and makes the target directory if it is missing. Throws ManifoldError for the sources' sake only. */
export function openEndpoints(context: EndsContext): Endpoints {
  const sources = planSources(context);
  const { plan, events, incomplete } = sources;
  const common = { events, incomplete, failure: undefined };
  const { output, target, personality } = context.options;
  // rsync looks at its target, and even makes it, when there is nothing to put there.
  const isIdle = plan.mentions === 0 && personality === "manifold";
  if (output.listOnly || target === undefined || isIdle) {
    return {
      plan,
      target: undefined,
      targetExists: false,
      madeRoot: false,
      created: undefined,
      ...common,
    };
  }
  return { ...common, ...placeTarget(context, sources) };
}
