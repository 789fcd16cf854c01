// How much may be sent now: a bucket that fills at the rate, and holds what a busy processor comes late by. What it holds
// does not go all at once: queues on the way are short.

import { burstMs, creditMs, turnMs } from "./limits.ts";

/** Such a bucket. */
export class Pacer {
  #credit = 0;
  /** What may go in this turn. */
  #burst = 0;
  #turnAt = Number.NEGATIVE_INFINITY;
  #at: number | undefined;

  /** Fills it up to now. */
  fill(rate: number, least: number, now: number): void {
    const passed = this.#at === undefined ? burstMs : now - this.#at;
    this.#at = now;
    const most = (ms: number): number => Math.max((rate * ms) / 1000, 2 * least);
    this.#credit = Math.min(most(creditMs), this.#credit + (rate * passed) / 1000);
    if (now < this.#turnAt + turnMs) return;
    this.#turnAt = now;
    this.#burst = most(burstMs);
  }

  /** Says whether so many bytes may go. */
  allows(bytes: number): boolean {
    return this.#credit >= bytes && this.#burst >= bytes;
  }

  /** Takes them. */
  take(bytes: number): void {
    this.#credit -= bytes;
    this.#burst -= bytes;
  }

  /** Milliseconds until so many bytes may go. */
  waitFor(bytes: number, rate: number, now: number): number {
    const credit = Math.max(0, ((bytes - this.#credit) * 1000) / rate);
    return this.#burst >= bytes ? credit : Math.max(credit, this.#turnAt + turnMs - now);
  }
}
