// What a scheduler works with: lanes, limits, and what it asks of the world.

import type { Clock } from "../base/index.ts";
import type { LaneTime } from "./lane-meter.ts";
import type { MachineTime } from "./processors.ts";

/** Something that runs bundles of tasks one after another. */
export interface Lane<Task, Result> {
  /**
   * Runs the tasks in order; calls back once with their results, later and never from within post. A lane that knows
   * how it spends its time tells that, too.
   */
  post(tasks: readonly Task[], done: (results: readonly Result[], time?: LaneTime) => void): void;
  /** Ends the lane when its bundles are done. */
  close(): Promise<void>;
  /** It runs on the owner's thread, which must not be away for long: tasks that cost much go elsewhere. */
  readonly isOwnThread?: boolean;
}

/** How much is handed out at once, and how many lanes there may be. */
export interface SchedulerLimits {
  /** Lanes to begin with. */
  readonly lanesMin: number;
  /** Lanes that waiting for input and output may make it grow to. */
  readonly lanesMax: number;
  /** Bundles that a lane in another thread holds: one it works on, the rest so that it never waits for us. */
  readonly bundlesPerLane: number;
  /** Cost at which a bundle is full; a task that costs more goes alone. */
  readonly bundleCost: number;
  /** Milliseconds of work at which a bundle is full, as far as the pace is known. */
  readonly bundleMs: number;
  /** Milliseconds of work before the second lane is started: small jobs end before it would be up. */
  readonly warmUpMs: number;
  /** The same where what is at hand takes warmUpMs and longer, by the pace so far. */
  readonly busyWarmUpMs?: number;
  /**
   * The owner's thread goes on alone while it keeps up: a second lane is started when it waits for input and output, has
   * been busy for so long without a rest, or is not to take a task. Undefined = after warmUpMs.
   */
  readonly aloneMs?: number | undefined;
}

/** What the scheduler asks of the world. */
export interface SchedulerContext<Task, Result> {
  readonly clock: Clock;
  /** Processor milliseconds that this process has used. */
  readonly processorMs: () => number;
  /** Processors that lanes can run on at the same time. */
  readonly processors: number;
  /** What the machine's processors have done, for anybody; absent where nobody knows. */
  readonly machineTime?: (() => MachineTime) | undefined;
  /** Starts lane number `index`, 0 first. */
  readonly startLane: (index: number) => Lane<Task, Result>;
  /** Called when lanes have room and fewer than `wanted` tasks are ready: the owner may submit more. */
  readonly refill: (wanted: number) => void;
  /** What the tasks cost that the owner could submit now. */
  readonly costAtHand?: () => number;
  readonly onResult: (result: Result) => void;
}
