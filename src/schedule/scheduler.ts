// The application-level scheduler: it holds every task that is ready, bundles them, and hands each
// bundle to whichever lane can take it. It knows nothing of files or streams: a task is a value
// with a cost, a lane is something that runs bundles. It keeps no time of its own: clock, processor
// use and the lanes' own times are injected, so that one seed replays one run.

import { assert } from "../base/index.ts";
import { Growth, type GrowthState, noTime, timeOfAll } from "./growth.ts";
import type { LaneTime } from "./lane-meter.ts";
import { turnMsMax } from "./lanes.ts";
import { Pace } from "./pace.ts";
import { type Ready, ReadyTasks } from "./ready-tasks.ts";
import type { Lane, SchedulerContext, SchedulerLimits } from "./scheduler-context.ts";

/** Tasks that are had ready for each bundle there is room for: with half as many, lanes ran dry while the owner's was busy. */
const tasksPerBundle = 16;

interface Slot<Task, Result> {
  readonly lane: Lane<Task, Result>;
  bundles: number;
  /** One of them waits for what others bring: nothing may wait behind it. */
  waits: boolean;
  /** Since when it has been working on its first bundle. */
  since: number;
  /** Undefined where it cannot tell. */
  time: LaneTime | undefined;
}

/** Deals tasks to lanes. `idle()` resolves when nothing is ready and nothing runs. */
export class Scheduler<Task, Result> {
  readonly #limits: SchedulerLimits;
  readonly #context: SchedulerContext<Task, Result>;
  readonly #ready = new ReadyTasks<Task>();
  readonly #slots: Slot<Task, Result>[] = [];
  readonly #pace = new Pace();
  readonly #growth: Growth;
  #running = 0;
  #held = 0;
  #isLetGo = false;
  #dispatching = false;
  #aborted = false;
  #isClosed = false;
  #startedAt = -1;
  #doneCost = 0;
  #waiters: Array<() => void> = [];

  constructor(limits: SchedulerLimits, context: SchedulerContext<Task, Result>) {
    assert(
      limits.lanesMin >= 1 && limits.lanesMax >= limits.lanesMin,
      "There is at least one lane.",
    );
    this.#limits = limits;
    this.#context = context;
    this.#growth = new Growth(context, limits.aloneMs);
  }

  /**
   * Makes a task ready. Lower priorities go first; equal ones in order of submission. `waits`: it keeps its lane while it waits
   * for what others bring, the owner among them, and gets one for itself, in another thread where there can be one.
   */
  submit(task: Task, priority: number, cost: number, waits = false): void {
    if (this.#aborted || this.#isClosed) return;
    this.#ready.add({ task, cost, waits }, priority);
    this.#dispatch();
  }

  /** Number of tasks that are ready or running, and of those that are held. */
  get pending(): number {
    return this.#ready.count + this.#running + this.#held;
  }

  /** Something that tasks will come of is under way elsewhere: idle() waits for it. Each is released once. */
  hold(): void {
    if (!this.#isLetGo) this.#held++;
  }

  /** What was held has come, and its tasks were submitted. */
  release(): void {
    if (this.#aborted || this.#held === 0) return;
    this.#held--;
    this.#dispatch();
    if (this.pending === 0) this.#wake();
  }

  /** Nothing that is held, or would be from here on, will come any more. */
  letGo(): void {
    this.#isLetGo = true;
    this.#held = 0;
    if (this.pending === 0) this.#wake();
  }

  /** There is work for all lanes that there are to begin with: the owner's thread stays alone no longer. */
  spread(): void {
    this.#growth.spread();
  }

  /** Number of lanes that there may be. */
  get lanesMax(): number {
    return this.#limits.lanesMax;
  }

  /** Number of lanes that run now. */
  get lanes(): number {
    return this.#slots.length;
  }

  /** Resolves when nothing is ready, nothing runs and the owner has nothing to refill. */
  async idle(): Promise<void> {
    this.#dispatch();
    if (this.pending === 0) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Gives up: what is ready is dropped, results that still come are ignored, idle() resolves. */
  abort(): void {
    this.#aborted = true;
    this.#ready.clear();
    this.#running = 0;
    this.#held = 0;
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Ends all lanes. What is submitted from here on, by whoever has not heard of it, is dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#slots.map((slot) => slot.lane.close()));
    this.#slots.length = 0;
  }

  #dispatch(): void {
    if (this.#dispatching || this.#aborted) return;
    this.#dispatching = true;
    try {
      if (this.#startedAt < 0) this.#start();
      this.#considerGrowth();
      for (let depth = 0; depth < this.#limits.bundlesPerLane; depth++) {
        for (const slot of this.#slots) {
          const isFree = !slot.waits && slot.bundles <= depth;
          if (isFree && depth < this.#depthOf(slot)) this.#fill(slot);
        }
      }
    } finally {
      this.#dispatching = false;
    }
  }

  #start(): void {
    this.#startedAt = this.#context.clock.now();
    this.#growth.sample(this.#startedAt, this.#growthState());
    this.#addLane();
  }

  #addLane(): void {
    const lane = this.#context.startLane(this.#slots.length);
    const time = lane.isOwnThread === true ? undefined : noTime;
    this.#slots.push({ lane, bundles: 0, waits: false, since: 0, time });
  }

  /**
   * How many bundles a lane holds. The owner's thread has the next one at hand, and hears of the others' results in between:
   * they would run dry while it works on two. Once lanes are added because they wait, it does not wait with them.
   */
  #depthOf({ lane }: Slot<Task, Result>): number {
    const { bundlesPerLane, lanesMin } = this.#limits;
    if (lane.isOwnThread !== true) return bundlesPerLane;
    return this.#slots.length > lanesMin && this.#hasOtherThread ? 0 : 1;
  }

  #fill(slot: Slot<Task, Result>): void {
    const room = this.#slots.length * this.#limits.bundlesPerLane;
    const wanted = room * tasksPerBundle;
    if (this.#ready.count < wanted) this.#context.refill(wanted - this.#ready.count);
    const bundle = this.#takeBundle(slot.lane.isOwnThread === true);
    if (bundle.length === 0) return;
    if (bundle[0]?.waits === true) slot.waits = true;
    if (slot.bundles++ === 0) slot.since = this.#context.clock.now();
    this.#running += bundle.length;
    let cost = 0;
    for (const ready of bundle) cost += ready.cost;
    slot.lane.post(
      bundle.map((ready) => ready.task),
      (results, time) => {
        if (this.#aborted) return;
        if (bundle[0]?.waits === true) slot.waits = false;
        this.#measure(slot, cost, time);
        this.#finished(slot, bundle.length, results);
      },
    );
  }

  #takeBundle(isOwnThread: boolean): Ready<Task>[] {
    const { bundlesPerLane, bundleCost, bundleMs } = this.#limits;
    // An even share, so that the last tasks do not all sit in one lane's bundle.
    const tasks = Math.ceil(this.#ready.count / (this.#slots.length * bundlesPerLane));
    // The owner's thread need not be told of tasks beforehand, and hears of others in between.
    const ms = isOwnThread ? turnMsMax : bundleMs;
    const isFirst = isOwnThread && !this.#pace.isKnown;
    const cost = isFirst ? 0 : Math.min(bundleCost, this.#pace.costWithin(ms));
    const keepsOut = isOwnThread && this.#hasOtherThread;
    return this.#ready.take({ tasks, cost, takes: (next) => !(keepsOut && this.#isHeavy(next)) });
  }

  /** Says whether a task keeps a lane for so long that the owner's thread would miss signals and results. */
  #isHeavy({ cost, waits }: Ready<Task>): boolean {
    return waits || cost > this.#limits.bundleCost;
  }

  get #hasOtherThread(): boolean {
    return this.#slots.some(({ lane }) => lane.isOwnThread !== true);
  }

  #measure(slot: Slot<Task, Result>, cost: number, time: LaneTime | undefined): void {
    const now = this.#context.clock.now();
    const busyMs = time && time.busyMs - (slot.time?.busyMs ?? 0);
    this.#pace.note(busyMs ?? now - slot.since, cost);
    slot.since = now;
    slot.time = time;
    this.#doneCost += cost;
  }

  #finished(slot: Slot<Task, Result>, count: number, results: readonly Result[]): void {
    slot.bundles--;
    this.#running -= count;
    for (const result of results) this.#context.onResult(result);
    this.#dispatch();
    if (this.pending === 0) this.#wake();
  }

  /** Adds lanes: up to the smaller bound as soon as a job is longer than a lane's start; beyond it while growing is of use. */
  #considerGrowth(): void {
    if (this.#ready.count === 0) return;
    const [now, { lanesMin, lanesMax }] = [this.#context.clock.now(), this.#limits];
    const isAlone = this.#slots.length === 1 && lanesMax > 1;
    if (isAlone && this.#slots[0]?.lane.isOwnThread && this.#isTooMuch()) this.#addLane();
    if (this.#slots.length < lanesMin) {
      const { warmUpMs, busyWarmUpMs = warmUpMs } = this.#limits;
      const cost = this.#ready.cost + (this.#context.costAtHand?.() ?? 0);
      const isBusy = this.#pace.msFor(cost) >= warmUpMs;
      if (now - this.#startedAt < (isBusy ? busyWarmUpMs : warmUpMs)) return;
      if (this.#growth.keepsUp(now, this.#growthState())) return;
      while (this.#slots.length < lanesMin) this.#addLane();
      this.#growth.sample(now, this.#growthState());
      return;
    }
    // More lanes than tasks that wait would only cost their start.
    if (this.#slots.length >= lanesMax || this.#ready.count < this.#slots.length) return;
    const wanted = Math.min(this.#growth.wanted(now, this.#growthState()), lanesMax);
    while (this.#slots.length < wanted) this.#addLane();
  }

  #growthState(): GrowthState {
    const time = timeOfAll(this.#slots);
    return { lanes: this.#slots.length, doneCost: this.#doneCost, time };
  }

  /** Says whether the owner's thread needs help at once: with a heavy task that is next in some queue, or with many. */
  #isTooMuch(): boolean {
    if (this.#limits.aloneMs === undefined && this.#ready.cost > this.#limits.bundleCost)
      return true;
    return this.#ready.someNext((next) => this.#isHeavy(next));
  }
}
