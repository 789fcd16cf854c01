// Tells how much of a lane's time was waiting: neither running nor in line for a processor. Only
// such time is a reason for more lanes: on a machine that is busy with something else, lanes take
// just as long, and more of them would make it worse.

/** How a lane has spent its time since its start, in milliseconds. */
export interface LaneTime {
  /** With tasks. */
  readonly busyMs: number;
  /** Of that: waiting for input and output. */
  readonly waitedMs: number;
}

/** What the system tells of a thread since its start. */
export interface ThreadPast {
  /** Milliseconds in which it ran. */
  readonly ranMs: number;
  /** Times that it went to sleep, waiting for something. */
  readonly waits: number;
  /** Times that it would have gone on and was not let. */
  readonly preemptions: number;
}

/** Measures the tasks of one lane, from within its thread. */
export class LaneMeter {
  readonly #past: () => ThreadPast;
  readonly #now: () => number;
  #busyMs = 0;
  #waitedMs = 0;

  /** `now` gives milliseconds. */
  constructor(past: () => ThreadPast, now: () => number) {
    this.#past = past;
    this.#now = now;
  }

  /** Runs the action and counts its time. */
  measure<T>(action: () => T): T {
    const before = this.#past();
    const began = this.#now();
    try {
      return action();
    } finally {
      const took = this.#now() - began;
      this.#busyMs += took;
      this.#waitedMs += waitedMs(took, before, this.#past());
    }
  }

  get time(): LaneTime {
    return { busyMs: this.#busyMs, waitedMs: this.#waitedMs };
  }
}

/** Of the time in which a thread did not run, it waited for as large a part as there are waits among its stops. */
function waitedMs(tookMs: number, before: ThreadPast, after: ThreadPast): number {
  const waits = after.waits - before.waits;
  const stops = waits + after.preemptions - before.preemptions;
  if (stops === 0) return 0;
  return (Math.max(0, tookMs - (after.ranMs - before.ranMs)) * waits) / stops;
}
