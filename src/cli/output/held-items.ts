// The order of lines in rsync: its generator tells at once what it leaves alone, skips and deletes;
// what it wants done travels to the sender, which tells that when its turn comes. So items are held
// back here for a while, and other lines overtake them.

import type { ItemEvent } from "../../tree/index.ts";

/** About as many orders fit into the pipe between rsync's processes. */
const heldMax = 500;
/** Somebody who watches should not wait for the line of what has happened; a file can. */
const watchedMs = 200;
const unwatchedMs = 2000;

/** Holds items until there are many, or some time has passed. */
export class HeldItems {
  readonly #tell: (event: ItemEvent) => void;
  readonly #now: () => number;
  readonly #heldMs: number;
  #events: ItemEvent[] = [];
  #since = 0;

  /** `now` gives milliseconds; `tell` gets the items in their order. */
  constructor(isWatched: boolean, now: () => number, tell: (event: ItemEvent) => void) {
    this.#heldMs = isWatched ? watchedMs : unwatchedMs;
    this.#now = now;
    this.#tell = tell;
  }

  /** Takes an item. */
  hold(event: ItemEvent): void {
    if (this.#events.length === 0) this.#since = this.#now();
    this.#events.push(event);
    if (this.#events.length >= heldMax) this.release();
  }

  /** Time has passed. */
  tick(): void {
    if (this.#events.length > 0 && this.#now() - this.#since >= this.#heldMs) this.release();
  }

  /** Tells everything that was held back. */
  release(): void {
    const events = this.#events;
    this.#events = [];
    for (const event of events) this.#tell(event);
  }
}
