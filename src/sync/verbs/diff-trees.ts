// `manifold diff SRC DEST`: the changeset that makes DEST like SRC. Each side is a tree or a listing;
// directories are compared one pair at a time, by the diff stage. What comes last in a changeset
// (deletions, final attributes of directories) is known early and waits in a spool.

import { ChangesetWriter, type OrderedDirectory, OrderSpool } from "../../changeset/index.ts";
import { compareTrees, type DirectoryPair } from "./compare-trees.ts";
import { BasisDescriber } from "./describe-bases.ts";
import { listedDigest } from "./listed-digest.ts";
import type { ListingStream } from "./listing-stream.ts";
import { openTrees } from "./open-trees.ts";
import { narrowedRules } from "./preserved-names.ts";
import { ScratchStore } from "./scratch-store.ts";
import { outputBytesAim, type StageContext, StageOutcome, stageHeader } from "./stage-output.ts";
import { TreeDifference } from "./tree-difference.ts";

/** Writes the changeset and returns the exit status. Throws ManifoldError. */
export function diffTrees(context: StageContext): number {
  const { options } = context;
  const outcome = new StageOutcome(context.tell);
  const trees = openTrees(context, outcome);
  const { source, target } = trees;
  const store = new ScratchStore();
  try {
    const preserves = source.preserves.filter((name) => target.preserves.includes(name));
    const diff = { ...trees.diff, attributes: narrowedRules(trees.diff.attributes, preserves) };
    const writer = new ChangesetWriter(
      stageHeader(context, "changeset", preserves),
      context.sink,
      outputBytesAim,
    );
    const bases = new BasisDescriber(writer, options.own.basis, target.place);
    const tellProblems = (): void => {
      for (const [stream, role] of [
        [source, "source"],
        [target, "target"],
      ] as const) {
        for (const problem of stream.takeProblems()) {
          outcome.problem({ ...problem, role });
          writer.problem({ ...problem, role });
        }
      }
    };
    const difference = new TreeDifference({
      diff,
      preserves,
      writer,
      closings: new OrderSpool(store, "closing"),
      deletes: options.delete.mode !== "none",
      sameContent: (pair, i, t) => sameContent(pair, i, t, source, target),
      describe: (path, orders) => bases.describe(path, orders),
      follow: (path: string, orders: OrderedDirectory, from, to) =>
        bases.follow(path, orders, from, to),
    });
    for (const pair of compareTrees(source, target)) {
      tellProblems();
      difference.take(pair);
    }
    tellProblems();
    outcome.passed(source.exit);
    outcome.passed(target.exit);
    difference.finish(source.isComplete);
    const complete = source.isComplete && target.isComplete;
    writer.finish({ complete, exit: outcome.exit, base: undefined });
    return outcome.exit;
  } finally {
    trees.close();
    store.close();
  }
}

/** Compares contents by digest, those of listings included. What cannot be read counts as different. */
function sameContent(
  pair: DirectoryPair,
  i: number,
  t: number,
  source: ListingStream,
  target: ListingStream,
): boolean {
  const name = source.digest ?? target.digest ?? "blake3";
  const a = listedDigest(source, pair.source, i, name);
  const b = listedDigest(target, pair.target, t, name);
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}
