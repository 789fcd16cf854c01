// A network that exists only in time: one line out of the sender, a switch, a line to each receiver. Lines
// have rates, queues and delays; they lose, repeat and reorder.

import { Choice } from "../support/index.ts";
import type { EventQueue } from "./event-queue.ts";

/** What loses many, one after the other, is over then. */
const burstMsMax = 50;

/** A line. */
export interface LineTraits {
  /** Bytes a second. */
  readonly rate: number;
  /** Bytes that wait before it; what comes then is lost. */
  readonly queue: number;
  readonly delayMs: number;
  /** Extra delay at most, by chance: datagrams overtake one another. */
  readonly jitterMs: number;
  /** Of a hundred thousand datagrams. */
  readonly lost: number;
  readonly repeated: number;
  /** So many are lost one after the other; by default each by itself. */
  readonly burst?: number;
}

/** One line. */
export class Line {
  readonly #traits: LineTraits;
  readonly #events: EventQueue;
  readonly #choice: Choice;
  #freeAt = 0;
  #losing = 0;
  #losingSince = 0;
  isCut = false;
  dropped = 0;

  constructor(traits: LineTraits, events: EventQueue, seed: number) {
    this.#traits = traits;
    this.#events = events;
    this.#choice = new Choice(seed);
  }

  /** Carries so many bytes, or loses them. */
  carry(bytes: number, arrived: () => void): void {
    const { rate, queue, delayMs, jitterMs, lost, repeated, burst = 1 } = this.#traits;
    const { now } = this.#events;
    const waits = Math.max(0, this.#freeAt - now);
    if (this.isCut || (waits * rate) / 1000 > queue) {
      this.dropped++;
      return;
    }
    this.#freeAt = now + waits + (bytes * 1000) / rate;
    if (this.#losing > 0 && now - this.#losingSince < burstMsMax) {
      this.#losing--;
      return;
    }
    if (this.#choice.below(100_000) * burst < lost) {
      this.#losing = burst - 1;
      this.#losingSince = now;
      return;
    }
    const arrive = (): void => {
      const jitter = jitterMs === 0 ? 0 : (this.#choice.below(1000) / 1000) * jitterMs;
      this.#events.at(this.#freeAt + delayMs + jitter, arrived);
    };
    arrive();
    if (this.#choice.below(100_000) < repeated) arrive();
  }
}
