// `manifold scan TREE`: a listing of a tree.

import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { LiveListing } from "./live-listing.ts";
import { namedPlan } from "./named-plan.ts";
import { openStageLane } from "./stage-lane.ts";
import { changesetDigest, type StageContext, StageOutcome } from "./stage-output.ts";
import { doSteps } from "./steps.ts";
import { writeListing } from "./write-listing.ts";

/** Writes the listing and returns the exit status. Throws ManifoldError. */
export function scanTree(context: StageContext): number {
  const { options, surroundings, tell } = context;
  const outcome = new StageOutcome(tell);
  const fs = openDoor(surroundings);
  const warn = outcome.warn.bind(outcome);
  const filters = { rules: parseRunFilters(fs, options, surroundings, warn), warn };
  const path = options.sources[0] ?? ".";
  const lane = openStageLane({ options, surroundings, filters, path, side: "source" });
  try {
    const plan = namedPlan(context, filters.rules, path, outcome);
    const listing = new LiveListing(lane, {
      side: "source",
      ...(plan && { plan }),
      ...(options.own.digests && { digest: changesetDigest() }),
    });
    const writer = doSteps(writeListing(context, listing, outcome));
    context.finished?.(writer.totals);
    return outcome.exit;
  } finally {
    lane.close();
  }
}
