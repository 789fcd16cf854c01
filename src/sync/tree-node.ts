// One directory of the transfer while the conductor deals with it: what is known of it, which of
// its subdirectories have been given out, what is still under way, and what it has to tell.

import type { ByteString } from "../base/index.ts";
import { Orders } from "../changeset/index.ts";
import type { Origin } from "../pipeline/index.ts";
import { Directory, type ItemEvent, type ProgressEvent } from "../tree/index.ts";
import type { ApplyTask, ClosingDirectory, Subdirectories } from "./tasks.ts";
import type { PlanNode } from "./transfer-plan.ts";

/** What is known of a directory when it is discovered. */
export interface TreeNodeFields {
  readonly id: number;
  readonly path: ByteString;
  readonly parent: TreeNode | undefined;
  readonly origins: readonly Origin[];
  readonly plan: PlanNode;
  readonly targetExists: boolean;
  /** The directory's own line, told before its contents. */
  readonly item: ItemEvent | undefined;
  readonly closing: ClosingDirectory | undefined;
  /** Times have to be set in any case, not only when the contents were touched. */
  readonly mustClose: boolean;
}

/** A directory between its discovery and the end of everything below it. */
export class TreeNode {
  readonly known: TreeNodeFields;
  touched = false;
  surveyed = false;
  children: SubdirectoryList | undefined;
  /** Subdirectories given out so far. */
  issued = 0;
  /** Subdirectories at any depth below that are known and not given out. */
  unissued = 0;
  /** Children given out that have not finished or not told everything, by index, in order. */
  readonly open = new Map<number, TreeNode>();
  /** Children given out that have not finished. */
  unfinished = 0;
  /** Ranges of orders under way. */
  rangesOpen = 0;
  /** First entries of the ranges, in order, and results that wait for their turn. */
  readonly rangeStarts: number[] = [];
  readonly rangeEvents = new Map<number, readonly ProgressEvent[]>();
  /** Names of hard-link groups that wait for this directory's turn. */
  linkTasks: ApplyTask[] = [];
  rangesTold = 0;
  early: readonly ProgressEvent[] = [];
  events: readonly ProgressEvent[] = [];
  headTold = false;
  childrenTold = 0;
  finished = false;

  constructor(known: TreeNodeFields) {
    this.known = known;
  }

  /** Says whether anything may still happen in this directory or below. */
  get busy(): boolean {
    return (
      !this.surveyed ||
      this.rangesOpen > 0 ||
      this.unfinished > 0 ||
      this.issued < (this.children?.count ?? 0)
    );
  }
}

/** The subdirectories of a surveyed directory, still as columns. */
export class SubdirectoryList {
  readonly listing: Directory;
  readonly orders: Orders;
  readonly made: Uint8Array;

  constructor(found: Subdirectories) {
    this.listing = Directory.thaw(found.listing);
    this.orders = Orders.thaw(found.orders);
    this.made = found.made;
  }

  get count(): number {
    return this.listing.count;
  }
}
