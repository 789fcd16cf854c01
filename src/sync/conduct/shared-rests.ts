// What surveys left of directories, shared out among all lanes: in ranges of entries, large files in
// pieces, names of hard-link groups when it is their turn.

import type { Options } from "../../options/index.ts";
import { farRangeBytesMax, type RangeWish, streamBytesMin } from "../tasks/far-tasks.ts";
import { itemWishes } from "../tasks/item-wishes.ts";
import {
  type LargeResult,
  type LargeTask,
  largeBytesMin,
  sharesLargeFiles,
} from "../tasks/large-file-tasks.ts";
import { rowOf } from "../tasks/range.ts";
import type { ApplyResult, ApplyTask, NewsOfRange, RestOfDirectory } from "../tasks/tasks.ts";
import type { FarSource } from "./far-ends.ts";
import { LargeFiles } from "./large-files.ts";
import { largeProgress } from "./large-progress.ts";
import { LinkTurns } from "./link-turns.ts";
import { type SharedRange, splitRange, wholeRange } from "./range-split.ts";
import type { ScanAhead } from "./scan-ahead.ts";
import type { TreeNode } from "./tree-node.ts";
import type { TreeNodes } from "./tree-nodes.ts";

/** What sharing out needs. */
export interface SharedRestsContext {
  readonly options: Options;
  readonly nodes: TreeNodes;
  readonly ahead: ScanAhead;
  /** Gives out a task, also when the run was stopped: what is open must be closed. */
  readonly submit: (task: ApplyTask | LargeTask, cost: number, wish?: RangeWish) => void;
  readonly lanesMax: () => number;
  /** Takes a name of a hard-link group that has to wait. */
  readonly holdsBack?: ((task: ApplyTask) => boolean) | undefined;
  /** Nothing new may be begun. */
  readonly isStopped: () => boolean;
  /** Where the source is, if it is elsewhere: ranges are no larger than a message then, and no file is shared. */
  readonly farSource: Pick<FarSource, "streams"> | undefined;
}

/** Shares out, and takes what comes back. */
export class SharedRests {
  readonly #context: SharedRestsContext;
  readonly #large: LargeFiles;
  /** The names of hard-link groups. */
  readonly links: LinkTurns;

  constructor(context: SharedRestsContext) {
    this.#context = context;
    const { options, submit, isStopped, lanesMax } = context;
    const hasBases = options.basisDirs.kind !== "none";
    this.links = new LinkTurns(hasBases, (task) => {
      if (context.holdsBack?.(task) !== true) this.#begin(task, 1);
    });
    this.#large = new LargeFiles({
      submit,
      isStopped,
      lanesMax,
      keepsDigests: options.own.cache,
      heard: (result) => this.heard(result),
      moved: itemWishes(options).progress ? (task, done) => this.#moved(task, done) : undefined,
    });
  }

  /** Splits what a survey left into ranges that several lanes can apply; the node counts as surveyed then. */
  share(node: TreeNode, rest: RestOfDirectory): void {
    const { id, path, origins, named } = node.known;
    const { options, ahead, farSource } = this.#context;
    const isShared = farSource === undefined && sharesLargeFiles(options);
    const usual = farSource?.streams ? streamBytesMin : Number.POSITIVE_INFINITY;
    const { waited } = rest;
    const split = {
      hardLinks: options.preserve.hardLinks && waited === undefined,
      largeBytesMin: isShared ? largeBytesMin : usual,
      rangeBytesMax: farSource && farRangeBytesMax,
    };
    const { source, target, orders, wish, told } = rest;
    const ranges = wish === undefined ? [...splitRange(rest, split)] : [wholeRange(rest, wish)];
    const taskOf = ({ from, to }: SharedRange): ApplyTask => {
      const task = {
        kind: "apply",
        node: id,
        path,
        origins,
        named,
        source,
        target,
        orders,
        told,
      } as const;
      if (waited === undefined) return { ...task, from, to };
      const { rows, bases } = waited;
      const parts = waited.parts?.slice(from, to);
      return { ...task, from, to, rows, bases: bases.slice(from, to), ...(parts && { parts }) };
    };
    node.rangesOpen = ranges.length;
    node.rangeStarts = ranges.map(({ from }) => from);
    node.linkTasks = ranges.filter(({ grouped }) => grouped).map(taskOf);
    ahead.waits(node, rest.to - rest.from);
    // Submitting can give other directories out, and tell: everything about this one must be known by now.
    node.surveyed = true;
    for (const range of ranges) {
      const isCopied = range.large && isShared && (waited?.bases[range.from]?.length ?? 0) === 0;
      if (isCopied) this.#large.add(taskOf(range));
      else if (!range.grouped) this.#begin(taskOf(range), range.cost, wish);
    }
  }

  #begin(task: ApplyTask, cost: number, wish?: RangeWish): void {
    if (!this.#context.isStopped()) this.#context.submit(task, cost, wish);
  }

  /** A range is done. */
  applied(node: TreeNode, result: ApplyResult): void {
    this.#large.applied(result);
    node.rangesOpen--;
    this.#context.ahead.applied(node);
    node.touched ||= result.touched;
    const late = node.known.lateOf?.late;
    if (late === undefined) node.setRangeEvents(result.from, result.events);
    else late.heard(result.from, result.events, true);
    this.links.led(result);
    if (result.putOff !== undefined) this.#putOff(node, result.putOff);
  }

  /** Entries of a range that is done are wished for once more: it is not. */
  #putOff(node: TreeNode, tasks: readonly ApplyTask[]): void {
    for (const task of tasks) {
      node.rangesOpen++;
      node.known.lateOf?.late?.reopen(rowOf({ task }, task.from));
      this.#begin(task, 1);
    }
  }

  /** A range that is under way has something to tell. */
  heard({ node: id, from, events }: Omit<NewsOfRange, "kind">): void {
    if (events.length === 0) return;
    const node = this.#context.nodes.find(id);
    const late = node?.known.lateOf?.late;
    if (late === undefined) node?.addRangeNews(from, events);
    else late.heard(from, events, false);
  }

  /** A piece of a large file is done. */
  receive(result: LargeResult): void {
    this.#large.receive(result);
  }

  /** So much of a large file is there. */
  #moved(task: ApplyTask, done: number): void {
    const { node, from } = task;
    const event = largeProgress(task, done);
    this.heard({ node, from, events: [event] });
  }
}
