// The lanes of a receive: the first one is this thread's, the second may have been started for the digest
// of the file, more come as the scheduler asks for them.

import { inlineLane, type Lane, type SchedulerLimits, workerLane } from "../../schedule/index.ts";
import { mayStartThread } from "../conduct/lane-limits.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { PartConductor, type PartConductorContext } from "./part-conductor.ts";
import {
  type PartGround,
  type PartLaneSetup,
  type PartResult,
  type PartTask,
  partHandler,
} from "./part-lane.ts";

const setup: PartLaneSetup = { serves: "parts" };

/** What stretches are dealt out with. */
export interface PartsWanted extends Pick<PartConductorContext, "table" | "tell" | "isStopped"> {
  readonly limits: SchedulerLimits;
  /** The lane of this thread. */
  readonly lane: LaneContext;
  readonly ground: PartGround;
}

/** Starts and ends lanes. */
export class PartLanes {
  readonly #surroundings: Surroundings;
  readonly #failed: (error: unknown) => void;
  #spare: Lane<PartTask, PartResult> | undefined;
  #lost: ((error: unknown) => void) | undefined;
  #conductor: PartConductor | undefined;

  /** `failed` hears what ends the run. */
  constructor(surroundings: Surroundings, failed: (error: unknown) => void) {
    this.#surroundings = surroundings;
    this.#failed = failed;
  }

  /** There can be lanes in threads of their own. */
  get canStart(): boolean {
    const { laneUrl, fileSystem } = this.#surroundings;
    return laneUrl !== undefined && fileSystem === undefined && mayStartThread(this.#surroundings);
  }

  /** Asks a lane of its own something that needs nothing but the task. It stays, and serves the conductor then. */
  ask(task: PartTask): Promise<PartResult> {
    this.#spare ??= this.#start();
    const lane = this.#spare;
    return new Promise((resolve, reject) => {
      this.#lost = reject;
      lane.post([task], ([result]) => resolve(result as PartResult));
    });
  }

  /** Returns what deals stretches out to lanes. */
  conduct({ lane, ground, ...wanted }: PartsWanted): PartConductor {
    const { clock, processors, processorMs, machineTime } = this.#surroundings;
    const listener = { failed: (error: unknown) => this.#fail(error), news: () => undefined };
    const startLane = (index: number): Lane<PartTask, PartResult> => {
      if (index === 0)
        return inlineLane(partHandler({ lane, ground }), listener, () => clock.now());
      const started = this.#spare ?? this.#start();
      this.#spare = undefined;
      const settings = { ...lane.settings, lane: index };
      started.post([{ kind: "open", settings, ground }], () => undefined);
      return started;
    };
    this.#conductor = new PartConductor({
      ...wanted,
      clock,
      processors,
      processorMs,
      machineTime,
      startLane,
    });
    return this.#conductor;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    const [conductor, spare] = [this.#conductor, this.#spare];
    this.#conductor = undefined;
    this.#spare = undefined;
    await conductor?.close();
    await spare?.close();
  }

  #start(): Lane<PartTask, PartResult> {
    const listener = { failed: (error: unknown) => this.#fail(error), news: () => undefined };
    return workerLane(this.#surroundings.laneUrl as URL, setup, listener);
  }

  #fail(error: unknown): void {
    this.#failed(error);
    this.#lost?.(error);
    this.#conductor?.abort();
  }
}
