// A clock that stands still until a test moves it.

import type { Clock } from "../../src/base/index.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Turns of the event loop in which what a timer has begun comes to its end, where all of it is in memory. */
const turnsPerStep = 12;

/** Such a clock; it begins at 0. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Number of timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets so much time go by, timer by timer, and what each begins run to its end. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }
}

/** Waits for some turns of the event loop. */
export async function settle(turns = turnsPerStep): Promise<void> {
  for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
}
