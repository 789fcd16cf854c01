// Walks the transfer's tree depth first, gives directories out as survey tasks while lanes have
// room, shares out what a survey left, keeps deletions and final attributes for their moment, and
// tells everything in listing order. It holds only directories that are under way: subdirectories
// stay columns until their turn.

import { assert } from "../../base/index.ts";
import type { Scheduler } from "../../schedule/index.ts";
import { TargetFlush } from "../lane/target-flush.ts";
import type { RangeWish } from "../tasks/far-tasks.ts";
import type { LargeTask } from "../tasks/large-file-tasks.ts";
import type { ApplyResult, ApplyTask, LaneResult, LaneTask, SurveyResult } from "../tasks/tasks.ts";
import { Closings } from "./closings.ts";
import { type ConductorSettings, priority, surveyCost, untoldMax } from "./conductor-settings.ts";
import { DelayedUpdates } from "./delayed-updates.ts";
import { FarWishes } from "./far-wishes.ts";
import { isLargeResult } from "./large-files.ts";
import { deletionTime, LateDeletions } from "./late-deletions.ts";
import { ScanAhead } from "./scan-ahead.ts";
import { SharedRests } from "./shared-rests.ts";
import { surveyTask } from "./survey-task.ts";
import { Telling } from "./telling.ts";
import { SubdirectoryList, type TreeNode } from "./tree-node.ts";
import { TreeNodes } from "./tree-nodes.ts";

/** Runs passes over the tree. */
export class Conductor {
  readonly #settings: ConductorSettings;
  readonly #scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly #nodes: TreeNodes;
  /** Final attributes of directories, the root's included. */
  readonly closings: Closings;
  readonly #late: LateDeletions;
  readonly #delayed: DelayedUpdates;
  /** Where the target is flushed. */
  readonly flush = new TargetFlush();
  readonly #rests: SharedRests;
  readonly #ahead: ScanAhead;
  /** What is wished of a source that is elsewhere. */
  readonly #wishes: FarWishes | undefined;
  #root: TreeNode | undefined;
  #deletionsOnly = false;
  #telling: Telling | undefined;
  /** Surveys that are out. */
  #surveying = 0;
  /** Directories are surveyed one after another: a limit on deletions must spare the same entries in every run. */
  readonly #oneByOne: boolean;
  #stopped = false;
  /** Some directory was looked at for what may be deleted in it. */
  wantsDeletions = false;

  constructor(settings: ConductorSettings, scheduler: () => Scheduler<LaneTask, LaneResult>) {
    this.#settings = settings;
    this.#scheduler = scheduler;
    const { options, farSource, farTarget } = settings;
    const isFar = farSource !== undefined;
    this.#nodes = new TreeNodes({ ...settings, isFar, isHere: !isFar && farTarget === undefined });
    this.#wishes = farSource && new FarWishes(farSource, this.#nodes, scheduler, settings.tell);
    this.closings = new Closings({
      ...settings,
      isWaiting: (node) => this.#late.isWaiting(node) || this.#delayed.isWaiting(node),
      submit: (directories) =>
        this.#submit({ kind: "close", directories }, priority.finish, directories.length),
    });
    this.#ahead = new ScanAhead(settings.scansAhead);
    this.#rests = new SharedRests({
      options,
      nodes: this.#nodes,
      ahead: this.#ahead,
      submit: (task, cost, wish) => this.#giveOut(task, cost, wish),
      lanesMax: () => this.#scheduler().lanesMax,
      isStopped: () => this.#stopped,
      farSource,
    });
    const finishing = {
      submit: (task: LaneTask, cost: number) => this.#submit(task, priority.finish, cost),
      tell: settings.tell,
    };
    this.#delayed = new DelayedUpdates({
      ...finishing,
      flushesBatches: options.own.durable === "batch" && !options.transfer.delayUpdates,
      close: (node) => this.#close(node, true),
    });
    this.#oneByOne = deletionTime(options) === "during" && options.delete.max !== undefined;
    this.#late = new LateDeletions({
      ...finishing,
      options,
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
    const [root, telling] = [this.#root, this.#telling];
    if (root === undefined || telling === undefined || this.#stopped || this.#oneByOne) return;
    const room = this.#ahead.surveysMax;
    const hasRoom = (): boolean => this.#surveying < room && telling.untold <= untoldMax;
    while (root.unissued > 0 && hasRoom()) this.#issueNext(root);
  }

  /** Gives no more tasks out. */
  stop(): void {
    this.#stopped = true;
  }

  /** Walks the tree once. `deletionsOnly` is the pass of --delete-before. */
  async walk(deletionsOnly: boolean): Promise<void> {
    this.#deletionsOnly = deletionsOnly;
    const root = this.#nodes.root();
    const { links } = this.#rests;
    this.#root = root;
    this.#telling = new Telling(root, {
      tell: this.#settings.tell,
      links,
      scanComplete: () => this.scanComplete,
    });
    this.#survey(root);
    await this.#scheduler().idle();
    while (links.settleRest(root)) await this.#scheduler().idle();
    assert(root.finished || this.#stopped, "A walk ends when everything in it is done.");
    await this.#settle();
  }

  /** Gives the files that waited their names. */
  async renameDelayed(): Promise<void> {
    this.#delayed.start();
    await this.#settle();
  }

  /** Carries out the deletions that had to wait, or drops them, and closes their directories. */
  async deleteLate(allowed: boolean): Promise<void> {
    if (!allowed) this.#late.abandon();
    this.#late.start();
    await this.#settle();
  }

  /** Waits until all is done, and what is to be closed after that. */
  async #settle(): Promise<void> {
    await this.#scheduler().idle();
    this.closings.flush();
    await this.#scheduler().idle();
  }

  /** Gives directories that were opened to their owner their own permissions, those inside of others first. */
  async narrow(): Promise<void> {
    this.closings.narrow();
    await this.#scheduler().idle();
  }

  /** Called by the scheduler when lanes have room. */
  refill(wanted: number): void {
    const [{ farTarget, farSource }, ahead] = [this.#settings, this.#ahead];
    for (let i = 0; i < wanted; i++) {
      if (this.#stopped || this.#root === undefined || this.#root.unissued === 0) return;
      if (farTarget?.holdsBack() || (this.#oneByOne && this.#surveying > 0)) return;
      const isFull = (this.#telling?.untold ?? 0) > untoldMax || (farSource && ahead.isFarBehind);
      if (isFull === true && this.#scheduler().pending > 0) return;
      this.#issueNext(this.#root);
    }
  }

  /** Takes a lane's answer. */
  receive(result: LaneResult): void {
    if (result.displaced !== undefined) this.#late.addDisplaced(result.displaced);
    this.#wishes?.takeMoved(result);
    if (result.kind === "survey") this.#surveyed(result);
    else if (result.kind === "apply") this.#applied(result);
    else if (result.kind === "delete") this.#late.receive(result);
    else if (result.kind === "rename") this.#delayed.receive(result);
    else if (result.kind === "news") this.#rests.heard(result);
    else if (isLargeResult(result)) this.#rests.receive(result);
    else if (result.kind === "read" || result.kind === "removed")
      assert(false, "Whoever serves the other end takes what it asked for.");
    else if (result.kind === "wish") this.#wishes?.receive(result, this.#applyPriority);
    else if (result.kind === "pull") this.#wishes?.pulled(result);
    else for (const event of result.events) this.#settings.tell(event);
    this.#telling?.goOn();
  }

  /** Gives out the first subdirectory, in listing order, that has not been given out. */
  #issueNext(root: TreeNode): void {
    const node = root.firstWithWork();
    const list = node.children;
    assert(
      list !== undefined && node.issued < list.count,
      "A node with unissued work has a next child.",
    );
    const index = node.issued++;
    node.addUnissued(-1);
    const child = this.#nodes.child(node, list, index, this.#deletionsOnly);
    node.setOpenChild(index, child);
    node.unfinished++;
    if (this.#nodes.isSurveyed(child, this.#deletionsOnly)) this.#survey(child);
    else {
      this.#settings.farSource?.skip(node, index);
      this.#settings.farTarget?.closed(node, index);
      this.#leave(child);
    }
  }

  /** There is nothing inside of a directory that was waited for. */
  #closed(node: TreeNode): void {
    this.#surveying--;
    this.#leave(node);
  }

  /** There is nothing inside of a directory. */
  #leave(node: TreeNode): void {
    node.surveyed = true;
    this.#telling?.surveyed(node, undefined);
    this.#finishIfDone(node);
    this.#telling?.goOn();
  }

  #survey(node: TreeNode): void {
    this.#nodes.begin(node);
    const { options, plan } = this.#settings;
    const task = surveyTask(node, { options, plan, deletionsOnly: this.#deletionsOnly });
    this.#surveying++;
    this.wantsDeletions ||= task.deletes;
    this.#late.enter(task);
    if (this.#wishes === undefined) this.#submit(task, priority.survey, surveyCost);
    else {
      this.#wishes.listing(node, (record) => {
        if (record !== undefined) this.#submit({ ...task, record }, priority.survey, surveyCost);
        else this.#closed(node);
      });
    }
  }

  /** Ranges whose content is elsewhere are wished for first. */
  #giveOut(task: ApplyTask | LargeTask, cost: number, wish: RangeWish | undefined): void {
    if (this.#wishes?.takes(task)) this.#wishes.begin(task, this.#applyPriority, cost, wish);
    else this.#scheduler().submit(task, this.#applyPriority, cost);
  }

  /** What frees memory goes first, unless the scan is to run ahead. */
  get #applyPriority(): number {
    return this.#ahead.isWanted ? priority.applyLater : priority.apply;
  }

  #submit(task: LaneTask, at: number, cost: number): void {
    if (!this.#stopped) this.#scheduler().submit(task, at, cost);
  }

  #surveyed(result: SurveyResult): void {
    const node = this.#nodes.of(result.node);
    this.#surveying--;
    this.#telling?.surveyed(node, result);
    node.early = result.early;
    node.events = result.events;
    node.touched ||= result.touched;
    this.#ahead.surveyed(node.entries);
    if (result.sending !== undefined) this.#settings.farTarget?.send(node, result.sending);
    if (result.self !== undefined) this.closings.setRoot(result.self);
    if (result.subdirs !== undefined) {
      node.children = new SubdirectoryList(result.subdirs);
      node.addUnissued(node.children.count);
    }
    if (result.extras !== undefined) this.#late.add(node, result.extras);
    if (result.delayed.length > 0) this.#delayed.add(node, result.delayed);
    this.flush.add(result.device, node.known.path);
    if (result.rest !== undefined) this.#rests.share(node, result.rest);
    else node.surveyed = true;
    this.#finishIfDone(node);
    this.surveyAhead();
  }

  #applied(result: ApplyResult): void {
    const node = this.#nodes.of(result.node);
    this.#wishes?.applied(result);
    this.#rests.applied(node, result);
    if (result.delayed.length > 0) this.#delayed.add(node, result.delayed);
    this.#finishIfDone(node);
  }

  #finishIfDone(node: TreeNode): void {
    this.#nodes.finish(node, (done) => {
      this.#close(done, done.known.mustClose || done.touched);
    });
  }

  /** What the pass of deletions touched, the other one closes. */
  #close(node: TreeNode, needed: boolean): void {
    const isMoving = this.#settings.options.transfer.removeSourceFiles;
    if (!isMoving || !this.#delayed.isWaiting(node)) this.#wishes?.release(node);
    if (this.#deletionsOnly && node.known.parent !== undefined) return;
    this.closings.close(node, needed);
  }

  /** Tells what a stopped run has done, gaps or not. */
  tellRest(): void {
    this.#telling?.tellRest();
  }
}
