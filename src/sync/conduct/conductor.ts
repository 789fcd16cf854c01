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
import { type ConductorSettings, priority, surveyCost, untoldMax } from "./conductor-settings.ts";
import { FarWishes } from "./far-wishes.ts";
import { Finishing } from "./finishing.ts";
import { isLargeResult } from "./large-files.ts";
import { type LateMoves, lateMoves } from "./late-moves.ts";
import { ScanAhead } from "./scan-ahead.ts";
import { SharedRests } from "./shared-rests.ts";
import { isOneByOne, sendOn, surveyTask } from "./survey-task.ts";
import { Telling } from "./telling.ts";
import { SubdirectoryList, type TreeNode } from "./tree-node.ts";
import { TreeNodes } from "./tree-nodes.ts";

/** Runs passes over the tree. */
export class Conductor {
  readonly #settings: ConductorSettings;
  readonly #scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly #nodes: TreeNodes;
  /** Names, deletions and attributes that come last. */
  readonly finishing: Finishing;
  /** Where the target is flushed. */
  readonly flush = new TargetFlush();
  readonly #rests: SharedRests;
  readonly #ahead: ScanAhead;
  /** What waits until all of the target has been seen; undefined = nothing does. */
  readonly #moves: LateMoves | undefined;
  /** What is wished of a source that is elsewhere. */
  readonly #wishes: FarWishes | undefined;
  #root: TreeNode | undefined;
  #deletionsOnly = false;
  #telling: Telling | undefined;
  /** Surveys that are out. */
  #surveying = 0;
  readonly #oneByOne: boolean;
  #stopped = false;
  /** Some directory was looked at for what may be deleted in it. */
  wantsDeletions = false;

  constructor(settings: ConductorSettings, scheduler: () => Scheduler<LaneTask, LaneResult>) {
    this.#settings = settings;
    this.#scheduler = scheduler;
    const { options, farSource, farTarget } = settings;
    const isHere = farSource === undefined && farTarget === undefined;
    this.#nodes = new TreeNodes({ ...settings, isFar: farSource !== undefined, isHere });
    this.#wishes = farSource && new FarWishes(farSource, this.#nodes, scheduler, settings.tell);
    this.finishing = new Finishing({
      ...settings,
      scheduler,
      submit: (task, at, cost) => this.#submit(task, at, cost),
      close: (node, needed) => this.#close(node, needed),
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
      holdsBack: (task) => this.#moves?.holdsBack(task) ?? false,
    });
    this.#moves = lateMoves(settings, this.#nodes, scheduler, {
      submit: (task, cost) => this.#submit(task, priority.finish, cost),
      share: (node, rest) => this.#rests.share(node, rest),
      begin: (task) => this.#giveOut(task, 1, undefined),
      isStopped: () => this.#stopped,
    });
    this.#oneByOne = isOneByOne(options);
  }

  /** True when every directory has been listed: totals are final. */
  get scanComplete(): boolean {
    if (this.#root === undefined || this.#deletionsOnly || this.#surveying > 0) return false;
    return this.#root.surveyed && this.#root.unissued === 0;
  }

  /** What the directories cost that are known and not given out. */
  get costAtHand(): number {
    return (this.#root?.unissued ?? 0) * surveyCost;
  }

  /** Where the scan is to run ahead, gives more surveys out than lanes have room for. */
  surveyAhead(): void {
    const [root, telling] = [this.#root, this.#telling];
    if (root === undefined || telling === undefined || this.#stopped || this.#oneByOne) return;
    const room = this.#ahead.surveysMax;
    const hasRoom = (): boolean => this.#surveying < room && telling.untold <= untoldMax;
    while (root.unissued > 0 && hasRoom()) this.#issueNext(root);
  }

  /** No more tasks are given out. */
  stop(): void {
    this.#stopped = true;
  }

  /** Walks the tree once. `deletionsOnly` is the pass of --delete-before. */
  async walk(deletionsOnly: boolean): Promise<void> {
    this.#deletionsOnly = deletionsOnly;
    const root = this.#nodes.root();
    this.#root = root;
    this.#telling = new Telling(root, {
      tell: this.#settings.tell,
      links: this.#rests.links,
      scanComplete: () => this.scanComplete,
      directories: this.#moves?.directories,
    });
    this.#survey(root);
    await this.#scheduler().idle();
    while (this.#moves?.isWaiting === true && !this.#stopped) {
      this.#goOn();
      await this.#scheduler().idle();
    }
    while (this.#rests.links.settleRest(root)) {
      this.#goOn();
      await this.#scheduler().idle();
    }
    assert(root.finished || this.#stopped, "A walk ends when everything in it is done.");
    await this.finishing.settle();
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
    if (result.displaced !== undefined) this.finishing.deletions.addDisplaced(result.displaced);
    this.#moves?.takeFiles(result);
    this.#wishes?.takeMoved(result);
    if (result.kind === "survey") this.#surveyed(result);
    else if (result.kind === "apply") this.#applied(result);
    else if (result.kind === "delete") this.finishing.deletions.receive(result);
    else if (result.kind === "rename") this.finishing.delayed.receive(result);
    else if (result.kind === "news") this.#rests.heard(result);
    else if (result.kind === "seek" || result.kind === "cut") this.#moves?.receive(result);
    else if (isLargeResult(result)) this.#rests.receive(result);
    else if (result.kind === "read" || result.kind === "removed")
      assert(false, "Whoever serves the other end takes what it asked for.");
    else if (result.kind === "wish") this.#wishes?.receive(result, this.#applyPriority);
    else if (result.kind === "pull") this.#wishes?.pulled(result);
    // A range that was cancelled has its rows left among what it tells.
    else for (const event of result.events) if (event.type !== "row") this.#settings.tell(event);
    this.#goOn();
  }

  /** Tells what can be told, and deals with what has waited, by what is known now. */
  #goOn(): void {
    this.#telling?.goOn();
    if (this.#moves?.goOn(this.scanComplete) === true) this.#telling?.goOn();
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
    const brought = list.brought?.get(index);
    if (brought !== undefined) this.#takeBrought(child, brought);
    else if (this.#nodes.isSurveyed(child, this.#deletionsOnly)) this.#survey(child);
    else {
      this.#settings.farSource?.skip(node, list.placeOf(index));
      this.#settings.farTarget?.closed(node, list.placeOf(index));
      this.#leave(child);
    }
  }

  /** A directory's survey came along with that of one above it. */
  #takeBrought(node: TreeNode, result: SurveyResult): void {
    this.#nodes.begin(node);
    this.#surveying++;
    this.#surveyed({ ...result, node: node.known.id });
    this.#goOn();
  }

  /** There is nothing inside of a directory. */
  #leave(node: TreeNode): void {
    node.surveyed = true;
    this.#telling?.surveyed(node, undefined);
    this.#finishIfDone(node);
    this.#goOn();
  }

  #survey(node: TreeNode): void {
    this.#nodes.begin(node);
    const task = surveyTask(node, this.#settings, this.#deletionsOnly);
    this.#surveying++;
    this.wantsDeletions ||= task.deletes;
    this.finishing.deletions.enter(task);
    if (this.#wishes === undefined) this.#submit(task, priority.survey, surveyCost);
    else {
      this.#wishes.listing(node, task.goesBelow, (came) => {
        if (came !== undefined) this.#submit({ ...task, ...came }, priority.survey, surveyCost);
        else {
          this.#surveying--;
          this.#leave(node);
        }
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
    if (this.#wishes?.surveyed(node, result) === "unlisted") return;
    this.#surveying--;
    this.#telling?.surveyed(node, result);
    node.early = result.early;
    node.events = result.events;
    node.touched ||= result.touched;
    this.#ahead.surveyed(node.entries);
    sendOn(this.#settings.farTarget, node, result);
    if (result.self !== undefined) this.finishing.closings.setRoot(result.self);
    if (result.subdirs !== undefined) {
      node.children = new SubdirectoryList(result.subdirs);
      node.addUnissued(node.children.count);
    }
    if (result.extras !== undefined) this.finishing.deletions.add(node, result.extras);
    if (result.delayed.length > 0) this.finishing.delayed.add(node, result.delayed);
    this.flush.add(result.device, node.known.path);
    this.#moves?.surveyed(node, result);
    if (result.rest !== undefined) this.#rests.share(node, result.rest);
    else node.surveyed = true;
    this.#finishIfDone(node);
    this.surveyAhead();
  }

  #applied(result: ApplyResult): void {
    const node = this.#nodes.of(result.node);
    if (result.again !== undefined) {
      this.#wishes?.again(result, result.again, this.#applyPriority);
      return;
    }
    this.#wishes?.applied(result);
    this.#rests.applied(node, result);
    if (result.missed !== undefined) this.finishing.deletions.withhold(result.missed);
    if (result.delayed.length > 0)
      this.finishing.delayed.add(node.known.lateOf ?? node, result.delayed);
    this.#finishIfDone(node);
  }

  #finishIfDone(node: TreeNode): void {
    this.#wishes?.settle(node);
    this.#nodes.finish(node, (done) => this.#close(done, done.known.mustClose || done.touched));
  }

  /** What the pass of deletions touched, the other one closes. */
  #close(node: TreeNode, needed: boolean): void {
    const isMoving = this.#settings.options.transfer.removeSourceFiles;
    if (!isMoving || !this.finishing.delayed.isWaiting(node)) this.#wishes?.release(node);
    if (this.#deletionsOnly && node.known.parent !== undefined) return;
    this.finishing.closings.close(node, needed);
  }

  /** Lets go of what it holds, and tells what a stopped run has done, gaps or not. */
  end(isStopped: boolean): void {
    this.#moves?.close();
    if (isStopped) this.#telling?.tellRest();
  }
}
