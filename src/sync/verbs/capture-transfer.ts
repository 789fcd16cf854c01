// What a sync is about to do, recorded as a changeset with data (--tee, --write-batch): the plan's
// sources are compared with the target as they are, and nothing is touched.

import type { ByteString } from "../../base/index.ts";
import {
  ChangesetWriter,
  type ListedDirectory,
  type OrderedDirectory,
  type Preserved,
  takesContent,
} from "../../changeset/index.ts";
import type { FilterRuleSet } from "../../tree/index.ts";
import type { Endpoints } from "../plan/run-ends.ts";
import { wantedNodes } from "../plan/stage-options.ts";
import type { ListingStream, ToldProblem } from "./listing-stream.ts";
import { LiveListing } from "./live-listing.ts";
import { SentFiles } from "./sent-files.ts";
import { openStageLane } from "./stage-lane.ts";
import { outputBytesAim, type StageContext, StageOutcome, stageHeader } from "./stage-output.ts";
import { writeDifference } from "./write-difference.ts";

/** Writes the changeset of a transfer to the context's sink and returns the exit status. Throws ManifoldError. */
export function captureTransfer(
  context: StageContext,
  rules: FilterRuleSet | undefined,
  { plan, target, targetExists, incomplete }: Endpoints,
): number {
  const { options, surroundings } = context;
  // What the scan meets is told by the run, which meets it again; what was not recorded is told here.
  const outcome = new StageOutcome(() => undefined);
  const sending = new StageOutcome(context.tell);
  const filters = { rules, warn: outcome.warn.bind(outcome) };
  const common = { options, surroundings, filters };
  const at = { path: ".", side: "source", sources: plan.roots, target } as const;
  const lane = openStageLane({ ...common, ...at });
  const other =
    target !== undefined && targetExists
      ? openStageLane({ ...common, path: target.path, side: "target" })
      : undefined;
  const source = new LiveListing(lane, { side: "source", plan });
  const deletes = options.delete.mode !== "none" && !incomplete;
  // Where nothing goes, only what the source has is looked at.
  const enters = (path: ByteString): boolean =>
    deletes || options.delete.force || source.isWaiting(path);
  const standing: ListingStream =
    other === undefined
      ? nothingThere(source.preserves)
      : new LiveListing(other, { side: "target", enters });
  try {
    const header = { ...stageHeader(context, "changeset", source.preserves), hasData: true };
    const writer = new ChangesetWriter(header, context.sink, outputBytesAim);
    const problem = (told: ToldProblem): void => {
      sending.problem(told);
      outcome.passed(told.exit);
      writer.problem(told);
    };
    const files = new SentFiles(lane, writer, problem, source);
    const send = (orders: OrderedDirectory, from: number, to: number): void => {
      for (let row = from; row < to; row++) {
        if (takesContent(orders, row)) files.send(orders, row, undefined, row - from);
      }
    };
    writeDifference(outcome, {
      ...{ source, target: standing, writer, deletes, force: options.delete.force },
      diff: { ...lane.diff, ...wantedNodes(lane.settings) },
      describe: () => undefined,
      follow: (_path, orders, from, to) => send(orders, from, to),
    });
    return outcome.exit;
  } finally {
    source.close();
    standing.close();
    lane.close();
    other?.close();
  }
}

/** The listing of a target that is still to be made. */
function nothingThere(preserves: readonly Preserved[]): ListingStream {
  return {
    ...{ preserves, digest: undefined, place: undefined, exit: 0, isComplete: true },
    next: (): ListedDirectory | undefined => undefined,
    takeProblems: () => [],
    close: () => undefined,
  };
}
