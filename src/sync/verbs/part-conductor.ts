// Deals stretches of a changeset out to lanes: a directory when the one that it is in is done, several at once,
// and what they have to tell in the order of the file.

import type { Clock } from "../../base/index.ts";
import {
  type Lane,
  type MachineTime,
  Scheduler,
  type SchedulerLimits,
} from "../../schedule/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { PartResult, PartTask } from "./part-lane.ts";
import { inOrder, type PartTable } from "./part-table.ts";

/** Stretches that are looked at ahead of those that are done: enough for some lanes, little memory. */
const aheadMax = 4096;

/** What a conductor works with. */
export interface PartConductorContext {
  readonly table: PartTable;
  readonly limits: SchedulerLimits;
  readonly clock: Clock;
  readonly processors: number;
  readonly processorMs: () => number;
  readonly machineTime?: (() => MachineTime) | undefined;
  readonly startLane: (index: number) => Lane<PartTask, PartResult>;
  readonly tell: (events: readonly ProgressEvent[]) => void;
  /** Nothing more is begun. */
  readonly isStopped: () => boolean;
}

/** Applies stretches that need not keep their order. */
export class PartConductor {
  readonly #context: PartConductorContext;
  readonly #scheduler: Scheduler<PartTask, PartResult>;
  /** The next stretch that nobody has looked at, and the first that is not done. */
  #next = 0;
  #told = 0;
  /** What done stretches have to tell, while one before them is under way. */
  readonly #untold = new Map<number, readonly ProgressEvent[]>();
  /** Stretches that wait, by the one that they wait for. */
  readonly #waiting = new Map<number, number[]>();

  constructor(context: PartConductorContext) {
    const { limits, clock, processors, processorMs, machineTime, startLane } = context;
    this.#context = context;
    this.#scheduler = new Scheduler<PartTask, PartResult>(limits, {
      ...{ clock, processors, processorMs, machineTime, startLane },
      refill: (wanted) => this.#refill(wanted),
      onResult: (result) => this.#received(result),
    });
  }

  /** Applies stretches from `part` on, up to one that keeps its order, and returns that one's number. */
  async run(part: number): Promise<number> {
    this.#next = part;
    this.#told = part;
    this.#refill(1);
    await this.#scheduler.idle();
    return this.#next;
  }

  /** A lane has failed: nothing that still comes is heard. */
  abort(): void {
    this.#scheduler.abort();
  }

  /** Ends all lanes. */
  async close(): Promise<void> {
    await this.#scheduler.close();
  }

  #refill(wanted: number): void {
    const { table, isStopped } = this.#context;
    for (let left = wanted; left > 0 && this.#next < table.count && !isStopped(); ) {
      if (this.#next - this.#told >= aheadMax) return;
      const parent = table.parent(this.#next);
      if (parent === inOrder) return;
      const part = this.#next++;
      if (this.#isDone(parent)) {
        this.#submit(part);
        left--;
      } else {
        const waiting = this.#waiting.get(parent);
        if (waiting === undefined) this.#waiting.set(parent, [part]);
        else waiting.push(part);
      }
    }
  }

  #isDone(part: number): boolean {
    return part < this.#told || this.#untold.has(part);
  }

  #submit(part: number): void {
    const { table } = this.#context;
    const [from, to] = [table.offset(part), table.offset(part + 1)];
    this.#scheduler.submit({ kind: "part", part, from, to }, 0, table.cost(part));
  }

  #received(result: PartResult): void {
    if (result.kind !== "part") return;
    const { part } = result;
    this.#untold.set(part, result.events);
    const waiting = this.#waiting.get(part);
    this.#waiting.delete(part);
    // Those that are told nothing of are not begun.
    if (waiting !== undefined && !this.#context.isStopped()) {
      for (const child of waiting) this.#submit(child);
    }
    for (;;) {
      const events = this.#untold.get(this.#told);
      if (events === undefined) return;
      this.#untold.delete(this.#told++);
      this.#context.tell(events);
    }
  }
}
