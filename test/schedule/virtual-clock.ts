// A clock for schedulers under test.

import type { Clock } from "../../src/base/index.ts";

/** A clock that jumps from one event to the next; nothing really waits. */
export class VirtualClock implements Clock {
  time = 0;
  #events: Array<{ at: number; order: number; act: () => void }> = [];
  #order = 0;

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): () => void {
    const event = { at: this.time + delayMs, order: this.#order++, act: callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Runs until nothing is left to happen. */
  run(): void {
    for (;;) {
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#events.shift();
      if (next === undefined) return;
      this.time = next.at;
      next.act();
    }
  }
}
