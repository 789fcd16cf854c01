// The walks that a run with stages takes: what no stage holds back, then each stage's files, then everything, with the deletions.

import type { Options, StageRules } from "../../options/index.ts";
import { WaitingRules } from "./waiting-rules.ts";

/** Returns the stages of a run. A trial run shows everything at once. */
export function stagesOf({ own, transfer }: Options): readonly StageRules[] {
  return transfer.dryRun ? [] : (own.mirrors?.stages ?? []);
}

/** One walk. */
export interface StageWalk {
  readonly options: Options;
  /** What waits meanwhile; undefined = nothing. */
  readonly waits: WaitingRules | undefined;
}

/**
 * Returns the walk that brings what waits for no stage from number `stage` on: 0 = all content, the count of stages = the last of
 * them. Nothing is deleted before everything is brought.
 */
export function stageWalk(options: Options, stage: number): StageWalk {
  const { transfer } = options;
  const isContent = stage === 0;
  return {
    waits: new WaitingRules(stagesOf(options).slice(stage)),
    options: {
      ...options,
      delete: { ...options.delete, mode: "none" },
      transfer: {
        ...transfer,
        delayUpdates: transfer.delayUpdates || (!isContent && !transfer.inplace),
      },
    },
  };
}
