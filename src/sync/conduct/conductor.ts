// Walks the transfer's tree depth first, gives directories out as survey tasks while lanes have
// room, shares out what a survey left, keeps deletions and final attributes for their moment, and
// tells everything in listing order. It holds only directories that are under way: subdirectories
// stay columns until their turn.

import { assert, type ByteString, joinPath } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { Scheduler } from "../../schedule/index.ts";
import { change, type ProgressEvent, significantChanges } from "../../tree/index.ts";
import { closingDirectory } from "../apply/close-directories.ts";
import { isNarrow } from "../apply/narrow-directories.ts";
import { TargetFlush } from "../lane/target-flush.ts";
import { namedGroups, type TransferPlan } from "../plan/transfer-plan.ts";
import { itemWishes } from "../tasks/item-wishes.ts";
import { largeBytesMin, sharesLargeFiles } from "../tasks/large-file-tasks.ts";
import type {
  ApplyResult,
  ApplyTask,
  ClosingDirectory,
  LaneResult,
  LaneTask,
  NewsOfRange,
  RestOfDirectory,
  SurveyResult,
  SurveyTask,
} from "../tasks/tasks.ts";
import { DelayedUpdates } from "./delayed-updates.ts";
import { directoryItem } from "./directory-item.ts";
import { insideOf, isBare } from "./inside-of.ts";
import { isLargeResult, LargeFiles } from "./large-files.ts";
import { largeProgress } from "./large-progress.ts";
import { deletionTime, LateDeletions } from "./late-deletions.ts";
import { LinkTurns } from "./link-turns.ts";
import { type SharedRange, splitRange } from "./range-split.ts";
import { ScanAhead } from "./scan-ahead.ts";
import { Telling } from "./telling.ts";
import { SubdirectoryList, TreeNode } from "./tree-node.ts";

/** Priorities of tasks: what frees memory goes before what takes it. */
const priority = { finish: 0, apply: 1, survey: 2, applyLater: 3 } as const;
/** Surveyed nodes that have not told their news; beyond it only the head of the order gets on. */
const untoldMax = 4096;
const closingsPerTask = 64;

/** What a conductor is told. */
export interface ConductorSettings {
  readonly options: Options;
  readonly plan: TransferPlan;
  readonly targetExists: boolean;
  /** Directories that lock their owner out are opened while the run works in them. */
  readonly opensDirectories: boolean;
  readonly items: "none" | "changed" | "all";
  /** Surveys go before the applying of what they found. */
  readonly scansAhead: () => boolean;
  readonly tell: (event: ProgressEvent) => void;
}

/** Runs passes over the tree. */
export class Conductor {
  readonly #settings: ConductorSettings;
  readonly #scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly #nodes = new Map<number, TreeNode>();
  readonly #late: LateDeletions;
  readonly #delayed: DelayedUpdates;
  /** Where the target is flushed. */
  readonly flush = new TargetFlush();
  readonly #large: LargeFiles;
  readonly #links: LinkTurns;
  readonly #ahead: ScanAhead;
  readonly #wishes;
  #root: TreeNode | undefined;
  #closings: ClosingDirectory[] = [];
  /** Directories that were opened to their owner, in the order in which they were done. */
  readonly #narrow = new Map<ByteString, ClosingDirectory>();
  #rootClosing: ClosingDirectory | undefined;
  #rootTouched = false;
  #nextId = 0;
  #deletionsOnly = false;
  #telling: Telling | undefined;
  /** Surveys that are out. */
  #surveying = 0;
  /** Directories are surveyed one after another: a limit on deletions must spare the same entries in every run. */
  readonly #oneByOne: boolean;
  #stopped = false;
  #wantsDeletions = false;

  constructor(settings: ConductorSettings, scheduler: () => Scheduler<LaneTask, LaneResult>) {
    this.#settings = settings;
    this.#scheduler = scheduler;
    this.#wishes = itemWishes(settings.options);
    this.#ahead = new ScanAhead(settings.scansAhead);
    const hasBases = settings.options.basisDirs.kind !== "none";
    this.#links = new LinkTurns(hasBases, (task) => this.#submit(task, this.#applyPriority, 1));
    this.#large = new LargeFiles({
      submit: (task, cost) => this.#scheduler().submit(task, this.#applyPriority, cost),
      isStopped: () => this.#stopped,
      lanesMax: () => this.#scheduler().lanesMax,
      heard: (result) => this.#heard(result),
      moved: this.#wishes.progress ? (task, done) => this.#moved(task, done) : undefined,
    });
    const { own, transfer } = settings.options;
    this.#delayed = new DelayedUpdates({
      flushesBatches: own.durable === "batch" && !transfer.delayUpdates,
      submit: (task, cost) => this.#submit(task, priority.finish, cost),
      tell: settings.tell,
      close: (node) => this.#close(node, true),
    });
    const { options } = settings;
    this.#oneByOne = deletionTime(options) === "during" && options.delete.max !== undefined;
    this.#late = new LateDeletions({
      options: settings.options,
      submit: (task, cost) => this.#submit(task, priority.finish, cost),
      tell: settings.tell,
      close: (node) => this.#close(node, node.known.mustClose || node.touched),
    });
  }

  /** True when every directory has been listed: totals are final. */
  get scanComplete(): boolean {
    if (this.#root === undefined || this.#deletionsOnly || this.#surveying > 0) return false;
    return this.#root.surveyed && this.#root.unissued === 0;
  }

  /** Where the scan is to run ahead, gives more surveys out than lanes have room for. */
  surveyAhead(): void {
    const root = this.#root;
    if (root === undefined || this.#stopped || this.#oneByOne) return;
    const room = this.#ahead.surveysMax;
    while (
      root.unissued > 0 &&
      this.#surveying < room &&
      this.#telling !== undefined &&
      this.#telling.untold <= untoldMax
    ) {
      this.#issueNext(root);
    }
  }

  /** Gives no more tasks out. */
  stop(): void {
    this.#stopped = true;
  }

  /** Walks the tree once. `deletionsOnly` is the pass of --delete-before. */
  async walk(deletionsOnly: boolean): Promise<void> {
    this.#deletionsOnly = deletionsOnly;
    const { plan, targetExists, tell } = this.#settings;
    this.#root = new TreeNode({
      id: this.#nextId++,
      path: "",
      parent: undefined,
      origins: plan.contents,
      named: namedGroups(plan, plan.names, ""),
      plan: plan.names,
      isTop: plan.contents.length > 0,
      targetExists,
      item: undefined,
      entry: undefined,
      mustClose: false,
    });
    const scanComplete = (): boolean => this.scanComplete;
    this.#telling = new Telling(this.#root, { tell, links: this.#links, scanComplete });
    this.#survey(this.#root);
    await this.#scheduler().idle();
    while (this.#links.settleRest(this.#root)) await this.#scheduler().idle();
    assert(this.#root.finished || this.#stopped, "A walk ends when everything in it is done.");
    this.#flushClosings();
    await this.#scheduler().idle();
  }

  /** Some directory was looked at for what may be deleted in it. */
  get wantsDeletions(): boolean {
    return this.#wantsDeletions;
  }

  /** Gives the files that waited their names. */
  async renameDelayed(): Promise<void> {
    this.#delayed.start();
    await this.#scheduler().idle();
    this.#flushClosings();
    await this.#scheduler().idle();
  }

  /** Carries out the deletions that had to wait, or drops them, and closes their directories. */
  async deleteLate(allowed: boolean): Promise<void> {
    if (!allowed) this.#late.abandon();
    this.#late.start();
    await this.#scheduler().idle();
    this.#flushClosings();
    await this.#scheduler().idle();
  }

  /** Gives directories that were opened to their owner their own permissions, those inside of others first. */
  async narrow(): Promise<void> {
    const directories = [...this.#narrow.values()];
    if (directories.length > 0) {
      this.#submit({ kind: "close", directories }, priority.finish, directories.length);
    }
    await this.#scheduler().idle();
  }

  /** Final attributes of the root, wanted after everything else; undefined when nothing needs setting. */
  rootClosing(staged: boolean): ClosingDirectory | undefined {
    const closing = this.#rootClosing;
    if (closing === undefined) return undefined;
    const setMode = closing.setMode && this.#settings.opensDirectories;
    const setTimes = closing.setTimes && (this.#rootTouched || staged);
    return setMode || setTimes ? { ...closing, setMode, setTimes } : undefined;
  }

  /** Called by the scheduler when lanes have room. */
  refill(wanted: number): void {
    for (let i = 0; i < wanted; i++) {
      if (this.#stopped || this.#root === undefined || this.#root.unissued === 0) return;
      if (this.#oneByOne && this.#surveying > 0) return;
      if ((this.#telling?.untold ?? 0) > untoldMax && this.#scheduler().pending > 0) return;
      this.#issueNext(this.#root);
    }
  }

  /** Takes a lane's answer. */
  receive(result: LaneResult): void {
    if (result.displaced !== undefined) this.#late.addDisplaced(result.displaced);
    if (result.kind === "survey") this.#surveyed(result);
    else if (result.kind === "apply") this.#applied(result);
    else if (result.kind === "delete") this.#late.receive(result);
    else if (result.kind === "rename") this.#delayed.receive(result);
    else if (result.kind === "news") this.#heard(result);
    else if (isLargeResult(result)) this.#large.receive(result);
    else for (const event of result.events) this.#settings.tell(event);
    this.#telling?.goOn();
  }

  /** Gives out the first subdirectory, in listing order, that has not been given out. */
  #issueNext(root: TreeNode): void {
    let node = root;
    for (let child = root.withWork?.[0]; child !== undefined; child = node.withWork?.[0])
      node = child;
    const list = node.children;
    assert(
      list !== undefined && node.issued < list.count,
      "A node with unissued work has a next child.",
    );
    const index = node.issued++;
    node.addUnissued(-1);
    const child = this.#childNode(node, list, index);
    node.setOpenChild(index, child);
    node.unfinished++;
    const inside = child.known.origins.length > 0 || child.known.named.length > 0;
    if (inside && (list.made[index] as number) !== 0) this.#survey(child);
    else {
      child.surveyed = true;
      this.#telling?.surveyed(child, undefined);
      this.#finishIfDone(child);
      this.#telling?.goOn();
    }
  }

  #childNode(node: TreeNode, list: SubdirectoryList, index: number): TreeNode {
    const { listing, orders } = list;
    const { options, items, plan } = this.#settings;
    const path = joinPath(node.known.path, listing.name(index));
    const changes = orders.changes[index] as number;
    const made = list.made[index] as number;
    // A directory that was made like one of a basis directory is new all the same.
    const news = made === 2 ? changes | change.created : changes;
    const wanted = items === "all" || (items === "changed" && (changes & significantChanges) !== 0);
    const exists = made === 1 || (made === 2 && !options.transfer.dryRun);
    const bare = isBare(options, node, list, index);
    return new TreeNode({
      id: this.#nextId++,
      path,
      parent: node,
      ...insideOf(plan, options, node, list, index, path),
      targetExists: exists,
      item:
        wanted && made !== 0 && !this.#deletionsOnly && !bare
          ? directoryItem({ plan, wishes: this.#wishes }, { node, list, index, path })
          : undefined,
      entry: exists && !bare ? { list, index } : undefined,
      mustClose: (news & (change.created | change.mtime | change.atime)) !== 0,
    });
  }

  #survey(node: TreeNode): void {
    const { id, path, origins, targetExists, parent, entry } = node.known;
    this.#nodes.set(id, node);
    const { options, plan } = this.#settings;
    const time = deletionTime(options);
    const here = this.#deletionsOnly ? time === "first" : time === "during" || time === "last";
    const task: SurveyTask = {
      kind: "survey",
      node: id,
      path,
      origins,
      named: node.known.named,
      self: parent === undefined && !this.#deletionsOnly ? plan.self : undefined,
      targetExists,
      apart: entry?.list.apart?.get(entry.index),
      deletes: here && origins.length > 0,
      deletesNow: time === "during",
      top: topOf(node),
      deletionsOnly: this.#deletionsOnly,
    };
    this.#surveying++;
    this.#wantsDeletions ||= task.deletes;
    this.#submit(task, priority.survey, 64);
  }

  /** What frees memory goes first, unless the scan is to run ahead. */
  get #applyPriority(): number {
    return this.#ahead.isWanted ? priority.applyLater : priority.apply;
  }

  #submit(task: LaneTask, at: number, cost: number): void {
    if (!this.#stopped) this.#scheduler().submit(task, at, cost);
  }

  #surveyed(result: SurveyResult): void {
    const node = this.#node(result.node);
    this.#surveying--;
    this.#telling?.surveyed(node, result);
    node.early = result.early;
    node.events = result.events;
    node.touched ||= result.touched;
    this.#ahead.surveyed(node.entries);
    if (result.self !== undefined) {
      this.#rootClosing = result.self.closing;
      this.#rootTouched ||= result.self.mustClose;
    }
    if (result.subdirs !== undefined) {
      node.children = new SubdirectoryList(result.subdirs);
      const { count } = node.children;
      node.addUnissued(count);
    }
    if (result.extras !== undefined) this.#late.add(node, result.extras);
    if (result.delayed.length > 0) this.#delayed.add(node, result.delayed);
    this.flush.add(result.device, node.known.path);
    if (result.rest !== undefined) this.#shareOut(node, result.rest);
    else node.surveyed = true;
    this.#finishIfDone(node);
    this.surveyAhead();
  }

  /** Splits what a survey left into ranges that several lanes can apply. */
  #shareOut(node: TreeNode, rest: RestOfDirectory): void {
    const { id, path, origins, named } = node.known;
    const { options } = this.#settings;
    const split = {
      hardLinks: options.preserve.hardLinks,
      largeBytesMin: sharesLargeFiles(options) ? largeBytesMin : Number.POSITIVE_INFINITY,
    };
    const ranges = [...splitRange(rest, split)];
    const taskOf = ({ from, to }: SharedRange): ApplyTask => {
      return { kind: "apply", node: id, path, origins, named, ...rest, from, to };
    };
    node.rangesOpen = ranges.length;
    node.rangeStarts = ranges.map(({ from }) => from);
    node.linkTasks = ranges.filter(({ grouped }) => grouped).map(taskOf);
    this.#ahead.waits(node, rest.to - rest.from);
    // Submitting can give other directories out, and tell: everything about this one must be known by now.
    node.surveyed = true;
    for (const range of ranges) {
      if (range.large) this.#large.add(taskOf(range));
      else if (!range.grouped) this.#submit(taskOf(range), this.#applyPriority, range.cost);
    }
  }

  #applied(result: ApplyResult): void {
    this.#large.applied(result);
    const node = this.#node(result.node);
    node.rangesOpen--;
    this.#ahead.applied(node);
    node.touched ||= result.touched;
    node.setRangeEvents(result.from, result.events);
    this.#links.led(result);
    if (result.delayed.length > 0) this.#delayed.add(node, result.delayed);
    this.#finishIfDone(node);
  }

  #node(id: number): TreeNode {
    const node = this.#nodes.get(id);
    assert(node !== undefined, "A result belongs to a directory that is under way.");
    return node;
  }

  #finishIfDone(start: TreeNode): void {
    let node: TreeNode | undefined = start;
    while (node !== undefined && !node.busy && !node.finished) {
      node.finished = true;
      this.#nodes.delete(node.known.id);
      this.#close(node, node.known.mustClose || node.touched);
      const parent: TreeNode | undefined = node.known.parent;
      if (parent !== undefined) parent.unfinished--;
      node = parent;
    }
  }

  #close(node: TreeNode, needed: boolean): void {
    const { parent, entry, path } = node.known;
    if (parent === undefined) {
      this.#rootTouched ||= needed;
      return;
    }
    if (entry === undefined || this.#deletionsOnly || this.#settings.options.transfer.dryRun)
      return;
    const { listing } = entry.list;
    if (!needed && !isNarrow(listing.mode[entry.index] as number)) return;
    if (this.#late.isWaiting(node) || this.#delayed.isWaiting(node)) return;
    const closing = closingDirectory(this.#settings.options, listing, entry.index, path);
    if (closing.setMode && this.#settings.opensDirectories) {
      this.#narrow.set(closing.path, { ...closing, setTimes: false });
    }
    if (!closing.setTimes || !needed) return;
    this.#closings.push({ ...closing, setMode: false });
    if (this.#closings.length >= closingsPerTask) this.#flushClosings();
  }

  #flushClosings(): void {
    if (this.#closings.length === 0) return;
    this.#submit(
      { kind: "close", directories: this.#closings },
      priority.finish,
      this.#closings.length,
    );
    this.#closings = [];
  }

  /** Tells what a stopped run has done, gaps or not. */
  tellRest(): void {
    this.#telling?.tellRest();
  }

  /** A range that is under way has something to tell. */
  #heard({ node: id, from, events }: Omit<NewsOfRange, "kind">): void {
    if (events.length > 0) this.#nodes.get(id)?.addRangeNews(from, events);
  }

  /** So much of a large file is there. */
  #moved(task: ApplyTask, done: number): void {
    const { node, from } = task;
    const event = largeProgress(task, done);
    this.#heard({ node, from, events: [event] });
  }
}

/** The nearest directory, this one or above, whose contents an argument brought. */
function topOf(node: TreeNode): ByteString {
  let top = node;
  while (!top.known.isTop && top.known.parent !== undefined) top = top.known.parent;
  return top.known.path;
}
