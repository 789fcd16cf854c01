// One directory of the transfer while the conductor deals with it: what is known of it, which of
// its subdirectories have been given out, what is still under way, and what it has to tell.

import type { ByteString } from "../../base/index.ts";
import { Orders } from "../../changeset/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import { Directory, type ItemEvent, type ProgressEvent } from "../../tree/index.ts";
import type { PlanNode } from "../plan/transfer-plan.ts";
import type { ApplyTask, Subdirectories } from "../tasks/tasks.ts";
import type { LateRows } from "./late-rows.ts";

/** What is known of a directory when it is discovered. */
export interface TreeNodeFields {
  readonly id: number;
  readonly path: ByteString;
  readonly parent: TreeNode | undefined;
  /** Which of all subdirectories of the parent it is. */
  readonly index: number;
  readonly origins: readonly Origin[];
  /** What is named in it, and below. */
  readonly named: readonly NamedGroup[];
  readonly plan: PlanNode | undefined;
  /** An argument brought its contents. */
  readonly isTop: boolean;
  readonly targetExists: boolean;
  /** The target takes nothing of it. */
  readonly isUnwanted: boolean;
  /** The directory's own line, told before its contents. */
  readonly item: ItemEvent | undefined;
  /** Where its attributes stand; undefined for the root, which closes by itself. */
  readonly entry: { readonly list: SubdirectoryList; readonly index: number } | undefined;
  /** Times have to be set in any case, not only when the contents were touched. */
  readonly mustClose: boolean;
  /** Not a directory of its own, but those entries of this one that wait until all of the target has been seen. */
  readonly lateOf?: TreeNode;
}

/** A range of orders by its first entry. */
export interface RangeOfNode {
  readonly node: TreeNode;
  readonly from: number;
}

/** Most directories never need a list of their own: nothing is allocated until they do. */
const none: readonly never[] = [];

/** A directory between its discovery and the end of everything below it. */
export class TreeNode {
  readonly known: TreeNodeFields;
  touched = false;
  /** Its number at the source's end, where the run has two. */
  far = -1;
  surveyed = false;
  children: SubdirectoryList | undefined;
  /** Subdirectories given out so far. */
  issued = 0;
  /** Subdirectories at any depth below that are known and not given out. */
  unissued = 0;
  /** Children with subdirectories that are not given out, in order; undefined = none. */
  withWork: TreeNode[] | undefined;
  /** Children given out that have not finished or not told everything, by index, in order. */
  #open: Map<number, TreeNode> | undefined;
  /** Children given out that have not finished. */
  unfinished = 0;
  /** Ranges of orders under way. */
  rangesOpen = 0;
  /** Entries in the ranges, until all of them are done. */
  entriesOpen = 0;
  /** First entries of the ranges, in order, and results that wait for their turn. */
  rangeStarts: readonly number[] = none;
  #rangeEvents: Map<number, readonly ProgressEvent[]> | undefined;
  #rangeNews: Map<number, readonly ProgressEvent[]> | undefined;
  /** Entries of the source in this directory, and how many come before them in listing order. */
  entries = 0;
  entriesBefore = 0;
  /** Names of hard-link groups that wait for this directory's turn. */
  linkTasks: readonly ApplyTask[] = none;
  #later: RangeOfNode[] | undefined;
  #deferred: Set<number> | undefined;
  /** What entries tell that are dealt with late. */
  late: LateRows | undefined;
  rangesTold = 0;
  early: readonly ProgressEvent[] = [];
  events: readonly ProgressEvent[] = [];
  headTold = false;
  /** The directory of the target that it was, where its line, or that of one above it, says so. */
  movedFrom: ByteString | undefined;
  childrenTold = 0;
  finished = false;

  constructor(known: TreeNodeFields) {
    this.known = known;
  }

  /** The child `index` that was given out, until it has told everything. */
  openChild(index: number): TreeNode | undefined {
    return this.#open?.get(index);
  }

  /** The children that were given out and have not told everything, in order. */
  openChildren(): Iterable<TreeNode> {
    return this.#open?.values() ?? [];
  }

  /** Keeps a child that is given out. */
  setOpenChild(index: number, child: TreeNode): void {
    this.#open ??= new Map();
    this.#open.set(index, child);
  }

  /** Forgets a child that has told everything. */
  dropOpenChild(index: number): void {
    this.#open?.delete(index);
  }

  /** Ranges, of this directory or others, that are told next, before it goes on; may be added to. */
  get later(): RangeOfNode[] {
    this.#later ??= [];
    return this.#later;
  }

  /** The first of them. */
  get next(): RangeOfNode | undefined {
    return this.#later?.[0];
  }

  /** The range that starts at `from` is told later, elsewhere. */
  defer(from: number): void {
    this.#deferred ??= new Set();
    this.#deferred.add(from);
  }

  /** Says whether that is so. */
  isDeferred(from: number): boolean {
    return this.#deferred?.has(from) ?? false;
  }

  /** Keeps what the range that starts at `from` has to tell. */
  setRangeEvents(from: number, events: readonly ProgressEvent[]): void {
    this.#rangeEvents ??= new Map();
    this.#rangeEvents.set(from, events);
  }

  /** Takes what the range that starts at `from` has to tell; undefined = it is not done. */
  takeRangeEvents(from: number): readonly ProgressEvent[] | undefined {
    const events = this.#rangeEvents?.get(from);
    this.#rangeEvents?.delete(from);
    return events;
  }

  /** Keeps news of the range that starts at `from`, which goes on. */
  addRangeNews(from: number, events: readonly ProgressEvent[]): void {
    this.#rangeNews ??= new Map();
    const known = this.#rangeNews.get(from);
    this.#rangeNews.set(from, known === undefined ? events : [...known, ...events]);
  }

  /** Takes the news of the range that starts at `from`. */
  takeRangeNews(from: number): readonly ProgressEvent[] {
    if (this.#rangeNews === undefined) return none;
    const news = this.#rangeNews.get(from);
    this.#rangeNews.delete(from);
    return news ?? none;
  }

  /** Counts `count` more (or, negative, fewer) subdirectories to give out, here and in all directories above. */
  addUnissued(count: number): void {
    this.unissued += count;
    const { parent } = this.known;
    if (parent === undefined) return;
    if (this.unissued === 0) parent.withWork = parent.withWork?.filter((child) => child !== this);
    else if (count > 0 && parent.withWork?.includes(this) !== true) parent.#insertWork(this);
    parent.addUnissued(count);
  }

  /** The first directory in listing order, this one or below, with subdirectories that are not given out. */
  firstWithWork(): TreeNode {
    let node: TreeNode = this;
    for (let child = node.withWork?.[0]; child !== undefined; child = node.withWork?.[0]) {
      node = child;
    }
    return node;
  }

  #insertWork(child: TreeNode): void {
    this.withWork ??= [];
    let at = this.withWork.length;
    while (at > 0 && (this.withWork[at - 1] as TreeNode).known.id > child.known.id) at--;
    this.withWork.splice(at, 0, child);
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
  readonly apart: Subdirectories["apart"];
  /** Surveys that came along; each is taken when its subdirectory is given out. */
  readonly brought: Subdirectories["brought"];
  readonly #places: Subdirectories["places"];

  constructor(found: Subdirectories) {
    this.listing = Directory.thaw(found.listing);
    this.orders = Orders.thaw(found.orders);
    this.made = found.made;
    this.apart = found.apart;
    this.brought = found.brought;
    this.#places = found.places;
  }

  /** Which of all subdirectories entry `index` is: those that are done may not be here. */
  placeOf(index: number): number {
    return this.#places?.[index] ?? index;
  }

  get count(): number {
    return this.listing.count;
  }
}
