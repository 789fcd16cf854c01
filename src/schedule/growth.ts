// Decides when more lanes than processors are worth having: when lanes wait for input and output,
// processors are free, and the last growth made the work go faster.

import type { LaneTime } from "./lane-meter.ts";
import type { MachineTime } from "./processors.ts";

/** What growing depends on. */
export interface GrowthContext {
  /** Processor milliseconds that this process has used. */
  readonly processorMs: () => number;
  /** Processors that lanes can run on at the same time. */
  readonly processors: number;
  /** What the machine's processors have done, for anybody; absent where nobody knows. */
  readonly machineTime?: (() => MachineTime) | undefined;
}

/** How things stand. */
export interface GrowthState {
  readonly lanes: number;
  /** Cost of the work that is done since the start. */
  readonly doneCost: number;
  /** The time of all lanes together that tell theirs; undefined where none can. */
  readonly time: LaneTime | undefined;
}

/** How often growing is considered. */
const intervalMs = 100;
/** Above this share of processor time nothing is gained by more lanes. */
const busyShare = 0.7;
/** Lanes wait when they do for this share of their time. */
const waitingShare = 0.3;
/** A growth has helped when the work goes so many times faster. */
const fasterShare = 1.1;
/** Above this share of one processor a lane alone has no time to spare. */
const fullShare = 0.9;
/** What grows, doubles: 2 lanes are 32 after four intervals. */
const growthFactor = 2;

/** Of a lane that has not told its time yet. */
export const noTime: LaneTime = { busyMs: 0, waitedMs: 0 };

/** Adds up the time of the lanes that tell theirs; undefined = none does. */
export function timeOfAll(
  lanes: Iterable<{ readonly time: LaneTime | undefined }>,
): LaneTime | undefined {
  let told: LaneTime | undefined;
  for (const { time } of lanes) {
    if (time === undefined) continue;
    const { busyMs, waitedMs } = told ?? noTime;
    told = { busyMs: busyMs + time.busyMs, waitedMs: waitedMs + time.waitedMs };
  }
  return told;
}

/** Watches one scheduler's lanes. */
export class Growth {
  readonly #context: GrowthContext;
  #at = 0;
  #processorMs = 0;
  #doneCost = 0;
  #time = noTime;
  #lastRate = 0;
  /** The last moment at which the one lane had time to spare. */
  #spareAt = 0;
  #aloneMs: number | undefined;
  /** What the machine had done when somebody last asked. */
  #machine: (MachineTime & { readonly at: number }) | undefined;

  /** `aloneMs`: see SchedulerLimits. */
  constructor(context: GrowthContext, aloneMs: number | undefined) {
    this.#context = context;
    this.#aloneMs = aloneMs;
  }

  /** Begins to measure anew: the number of lanes has changed. */
  sample(now: number, { doneCost, time }: GrowthState): void {
    this.#at = now;
    this.#processorMs = this.#context.processorMs();
    this.#doneCost = doneCost;
    this.#time = time ?? noTime;
  }

  /** One lane is not enough. */
  spread(): void {
    this.#aloneMs = undefined;
  }

  /** Says whether one lane is enough: it does not wait, and has not been busy all the time for so long. */
  keepsUp(now: number, state: GrowthState): boolean {
    const aloneMs = this.#aloneMs;
    if (aloneMs === undefined) return false;
    const elapsed = now - this.#at;
    if (elapsed < intervalMs) return true;
    const used = (this.#context.processorMs() - this.#processorMs) / elapsed;
    const waits = this.#lanesWait(elapsed, state);
    this.sample(now, state);
    if (used < fullShare || this.#spareAt === 0) this.#spareAt = now;
    return !waits && now - this.#spareAt < aloneMs;
  }

  /** Returns how many lanes there should be; the caller has the last word. */
  wanted(now: number, state: GrowthState): number {
    const { lanes } = state;
    const elapsed = now - this.#at;
    // Lanes that can tell and have told nothing yet are starting, or in the middle of something.
    if (elapsed < intervalMs || state.time?.busyMs === this.#time.busyMs) return lanes;
    const waits = this.#lanesWait(elapsed, state);
    const rate = (state.doneCost - this.#doneCost) / elapsed;
    this.sample(now, state);
    if (!waits || rate < this.#lastRate * fasterShare) return lanes;
    if (!this.#hasFreeProcessors(now)) return lanes;
    this.#lastRate = rate;
    return lanes * growthFactor;
  }

  /**
   * Says whether processors had nothing to do since this was asked before, a moment ago. Where others keep all of them busy, a
   * lane seems to wait that only has to stand in line, for whoever holds what it wants.
   */
  #hasFreeProcessors(now: number): boolean {
    const machine = this.#context.machineTime?.();
    if (machine === undefined) return true;
    const before = this.#machine;
    this.#machine = { ...machine, at: now };
    if (before === undefined || now - before.at > 2 * intervalMs) return false;
    return machine.busyMs - before.busyMs < busyShare * (machine.totalMs - before.totalMs);
  }

  #lanesWait(elapsed: number, { lanes, time }: GrowthState): boolean {
    const { processors, processorMs } = this.#context;
    const used = (processorMs() - this.#processorMs) / elapsed;
    if (used >= busyShare * processors) return false;
    // Where lanes cannot tell, what they did not use they are taken to have waited.
    if (time === undefined) return 1 - used / Math.min(processors, lanes) > waitingShare;
    const busyMs = time.busyMs - this.#time.busyMs;
    return (time.waitedMs - this.#time.waitedMs) / busyMs > waitingShare;
  }
}
