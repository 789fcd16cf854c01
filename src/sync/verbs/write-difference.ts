// The difference of two streams of listings, written as a changeset: directories are compared one
// pair at a time, by the diff stage. What comes last in a changeset (deletions, final attributes of
// directories) is known early and waits in a spool.

import { type ChangesetWriter, OrderSpool } from "../../changeset/index.ts";
import type { DiffOptions } from "../../pipeline/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import { compareTrees, type DirectoryPair } from "./compare-trees.ts";
import { LateOrders } from "./late-orders.ts";
import { listedDigest } from "./listed-digest.ts";
import type { ListingStream } from "./listing-stream.ts";
import type { MoveDetection } from "./move-choice.ts";
import { narrowedRules } from "./preserved-names.ts";
import type { StageOutcome } from "./stage-output.ts";
import type { Steps } from "./steps.ts";
import { type DifferenceContext, TreeDifference } from "./tree-difference.ts";

/** What is compared, and where the records go. */
export interface ComparedTrees
  extends Pick<DifferenceContext, "deletes" | "force" | "compared" | "describe" | "follow"> {
  /** Looks for content under other names; undefined = nobody does. */
  readonly moves?: MoveDetection;
  readonly source: ListingStream;
  readonly target: ListingStream;
  readonly diff: DiffOptions;
  readonly writer: ChangesetWriter;
}

/** Writes everything, trailer included; the outcome hears of problems. */
export function* writeDifference(outcome: StageOutcome, trees: ComparedTrees): Steps {
  const { source, target, writer, deletes, force, compared, describe, follow } = trees;
  const { preserves } = writer.header;
  const store = new ScratchStore();
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
  const waiting = new ScratchStore();
  const { moves } = trees;
  const late = moves && new LateOrders(new OrderSpool(waiting, "late"), moves);
  try {
    const difference = new TreeDifference({
      late,
      ...{ preserves, writer, deletes, force, describe, follow },
      ...(compared && { compared }),
      diff: { ...trees.diff, attributes: narrowedRules(trees.diff.attributes, preserves) },
      closings: new OrderSpool(store, "closing"),
      sameContent: (pair, i, t) => sameContent(pair, i, t, source, target),
    });
    for (const pair of compareTrees(source, target)) {
      tellProblems();
      yield* difference.take(pair);
      yield;
    }
    tellProblems();
    outcome.passed(source.exit);
    outcome.passed(target.exit);
    yield* difference.finish(source.isComplete);
    const complete = source.isComplete && target.isComplete;
    writer.finish({ complete, exit: outcome.exit });
  } finally {
    store.close();
    waiting.close();
    late?.close();
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
