// A tree's listings, written one after the other.

import { ChangesetWriter } from "../../changeset/index.ts";
import type { LiveListing } from "./live-listing.ts";
import {
  outputBytesAim,
  type StageContext,
  type StageOutcome,
  stageHeader,
} from "./stage-output.ts";
import type { Steps } from "./steps.ts";

const noRows = new Uint32Array(0);

/**
 * Writes everything, trailer included, to the context's sink; the outcome hears of problems. `entered`: only which
 * directories there are, nothing of what is in them.
 */
export function* writeListing(
  context: StageContext,
  listing: LiveListing,
  outcome: StageOutcome,
  entered = false,
): Steps<ChangesetWriter> {
  const header = stageHeader(context, "listing", listing.preserves);
  const writer = new ChangesetWriter(header, context.sink, outputBytesAim);
  for (;;) {
    const listed = listing.next();
    for (const problem of listing.takeProblems()) {
      outcome.problem(problem);
      writer.problem(problem);
    }
    if (listed === undefined) break;
    if (entered) {
      listed.columns.select(noRows);
      listed.states.digests.clear();
      listed.states.links.clear();
    }
    writer.listing(listed);
    yield;
  }
  writer.finish({ complete: true, exit: outcome.exit });
  return writer;
}
