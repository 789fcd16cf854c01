// A processor that is busy with other things: a program that gets it for some milliseconds, and then not, again and again.

import type { Choice } from "../support/index.ts";
import type { EventQueue } from "./event-queue.ts";

/** The longest time for which a program has it without a break. */
const awakeMs = 10;

/** Such a program's times without a processor. */
export class Naps {
  /** It gets none before then. */
  until = 0;
  readonly #events: EventQueue;

  /** `woken` is called after each of them, which last for up to `napMs`; `isOver` ends them. */
  constructor(events: EventQueue, { napMs, choice, woken, isOver }: NapTraits) {
    this.#events = events;
    if (napMs === 0) return;
    const sleep = (): void => {
      if (isOver()) return;
      this.until = Math.max(this.until, events.now + 1 + choice.below(napMs));
      events.at(this.until, () => {
        woken();
        events.at(events.now + 1 + choice.below(awakeMs), sleep);
      });
    };
    events.at(choice.below(awakeMs), sleep);
  }

  /** Does something as soon as there is a processor for it. */
  awake(run: () => void): void {
    const { now } = this.#events;
    if (now >= this.until) run();
    else this.#events.at(this.until, () => this.awake(run));
  }
}

/** What they are like. */
export interface NapTraits {
  readonly napMs: number;
  readonly choice: Choice;
  readonly woken: () => void;
  readonly isOver: () => boolean;
}
