// `manifold scan TREE`: a listing of a tree.

import { ChangesetWriter } from "../../changeset/index.ts";
import { openFileSystem } from "../../fs/index.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { LiveListing } from "./live-listing.ts";
import { namedPlan } from "./named-plan.ts";
import { openStageLane } from "./stage-lane.ts";
import {
  changesetDigest,
  outputBytesAim,
  type StageContext,
  StageOutcome,
  stageHeader,
} from "./stage-output.ts";

/** Writes the listing and returns the exit status. Throws ManifoldError. */
export function scanTree(context: StageContext): number {
  const { options, surroundings, sink, tell } = context;
  const outcome = new StageOutcome(tell);
  const fs = surroundings.fileSystem ?? openFileSystem();
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
    const writer = new ChangesetWriter(
      stageHeader(context, "listing", listing.preserves),
      sink,
      outputBytesAim,
    );
    for (;;) {
      const listed = listing.next();
      for (const problem of listing.takeProblems()) {
        outcome.problem(problem);
        writer.problem(problem);
      }
      if (listed === undefined) break;
      writer.listing(listed);
    }
    writer.finish({ complete: true, exit: outcome.exit, base: undefined });
    context.finished?.(writer.totals);
    return outcome.exit;
  } finally {
    lane.close();
  }
}
