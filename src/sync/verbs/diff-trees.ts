// `manifold diff SRC DEST`: the changeset that makes DEST like SRC. Each side is a tree or a listing.

import { ChangesetWriter, type OrderedDirectory } from "../../changeset/index.ts";
import { CarriedSignatures } from "./carried-signatures.ts";
import { BasisDescriber } from "./describe-bases.ts";
import { openTrees } from "./open-trees.ts";
import { commonNames } from "./preserved-names.ts";
import { outputBytesAim, type StageContext, StageOutcome, stageHeader } from "./stage-output.ts";
import { doSteps } from "./steps.ts";
import { writeDifference } from "./write-difference.ts";

/** Writes the changeset and returns the exit status. Throws ManifoldError. */
export function diffTrees(context: StageContext): number {
  const { options } = context;
  const outcome = new StageOutcome(context.tell);
  const trees = openTrees(context, outcome);
  const { source, target, diff } = trees;
  try {
    const header = stageHeader(context, "changeset", commonNames(source, target));
    const writer = new ChangesetWriter(header, context.sink, outputBytesAim);
    const { basis, renames } = options.own;
    const isCarried = target.signatures !== undefined && target.digest === header.digest;
    const carried = isCarried && basis === "signature" ? new CarriedSignatures() : undefined;
    const bases = new BasisDescriber(writer, basis, { place: target.place, carried });
    const moves = {
      ...{ detect: renames.detect, source, target, digest: header.digest },
      deltas: basis === "signature",
      sign: (rows: ReadonlySet<number>) => bases.signMoves(rows),
    };
    const steps = writeDifference(outcome, {
      ...{ source, target, diff, writer },
      ...(renames.detect !== "no" && { moves: { ...moves, detect: renames.detect } }),
      deletes: options.delete.mode !== "none",
      force: options.delete.force,
      compared: (orders) => carried?.keep(orders, target.signatures?.() ?? []),
      describe: (path: string, orders: OrderedDirectory) => bases.describe(path, orders),
      follow: (path, orders, from, to) => bases.follow(path, orders, from, to),
    });
    doSteps(steps);
    context.finished?.(writer.totals);
    return outcome.exit;
  } finally {
    trees.close();
  }
}
