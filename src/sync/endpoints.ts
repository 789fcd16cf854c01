// Looks at the two ends of a local run before it starts: which plan the arguments make, whether the
// target is a directory, has to be made, or is a file's new name (rsync(1), USAGE; --mkpath).

import { doorLimits } from "./lane/door-limits.ts";
import { planSources, type SourcePlan } from "./plan/plan-sources.ts";
import type { Endpoints, EndsContext } from "./plan/run-ends.ts";
import { placeTarget } from "./plan/target-place.ts";
import { tempDirTrouble } from "./plan/temp-dir.ts";

/**
 * Builds the plan and makes the target directory if it is missing. Throws ManifoldError only for the sources' sake and for
 * what the machine's file door cannot do. `far`: what a source's end elsewhere has to say of its arguments.
 */
export function openEndpoints(context: EndsContext, far?: SourcePlan): Endpoints {
  const limits = doorLimits(context.fs, context.options);
  const sources = far ?? planSources(context);
  const { plan, incomplete } = sources;
  const events = [...limits, ...sources.events];
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
      naming: { lastName: undefined, isLone: false },
      ...common,
    };
  }
  const ends = { ...common, ...placeTarget(context, sources) };
  return { ...ends, failure: ends.failure ?? tempDirTrouble(context, ends) };
}
