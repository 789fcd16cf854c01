// What comes after the orders of directories: names for files that waited for theirs, deletions that waited, and
// the final attributes of directories, each when everything in it is done.

import type { Scheduler } from "../../schedule/index.ts";
import type { LaneResult, LaneTask } from "../tasks/tasks.ts";
import { Closings } from "./closings.ts";
import { type ConductorSettings, priority } from "./conductor-settings.ts";
import { DelayedUpdates } from "./delayed-updates.ts";
import { LateDeletions } from "./late-deletions.ts";
import type { TreeNode } from "./tree-node.ts";

/** What this needs of the conductor. */
export interface FinishingContext extends ConductorSettings {
  readonly scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly submit: (task: LaneTask, at: number, cost: number) => void;
  /** A directory gets its final attributes; `needed` = its times have to be set. */
  readonly close: (node: TreeNode, needed: boolean) => void;
}

/** Keeps all that for its moment. */
export class Finishing {
  readonly #scheduler: () => Scheduler<LaneTask, LaneResult>;
  /** Final attributes of directories, the root's included. */
  readonly closings: Closings;
  readonly deletions: LateDeletions;
  readonly delayed: DelayedUpdates;

  constructor(context: FinishingContext) {
    const { options, tell, close } = context;
    this.#scheduler = context.scheduler;
    const submit = (task: LaneTask, cost: number): void =>
      context.submit(task, priority.finish, cost);
    this.closings = new Closings({
      ...context,
      isWaiting: (node) => this.deletions.isWaiting(node) || this.delayed.isWaiting(node),
      submit: (directories) => submit({ kind: "close", directories }, directories.length),
    });
    this.delayed = new DelayedUpdates({
      ...{ submit, tell },
      flushesBatches: options.own.durable === "batch" && !options.transfer.delayUpdates,
      close: (node) => close(node, true),
    });
    this.deletions = new LateDeletions({
      ...{ submit, tell, options },
      close: (node) => close(node, node.known.mustClose || node.touched),
    });
  }

  /** Gives the files that waited their names. */
  async renameDelayed(): Promise<void> {
    this.delayed.start();
    await this.settle();
  }

  /** Carries out the deletions that had to wait, or drops them, and closes their directories. */
  async deleteLate(allowed: boolean): Promise<void> {
    if (!allowed) this.deletions.abandon();
    this.deletions.start();
    await this.settle();
  }

  /** Waits until all is done, and what is to be closed after that. */
  async settle(): Promise<void> {
    await this.#scheduler().idle();
    this.closings.flush();
    await this.#scheduler().idle();
  }

  /** Gives directories that were opened to their owner their own permissions, those inside of others first. */
  async narrow(): Promise<void> {
    this.closings.narrow();
    await this.#scheduler().idle();
  }
}
