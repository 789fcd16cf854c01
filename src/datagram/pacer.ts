// How much may be sent now: a bucket that fills at the rate, and holds no more than what a busy processor
// may come late by.

import { creditMs } from "./limits.ts";

/** Such a bucket. */
export class Pacer {
  #credit = 0;
  #at: number | undefined;

  /** Fills it up to now. */
  fill(rate: number, least: number, now: number): void {
    const passed = this.#at === undefined ? creditMs : now - this.#at;
    this.#at = now;
    const most = Math.max((rate * creditMs) / 1000, 2 * least);
    this.#credit = Math.min(most, this.#credit + (rate * passed) / 1000);
  }

  /** Says whether so many bytes may go. */
  allows(bytes: number): boolean {
    return this.#credit >= bytes;
  }

  /** Takes them. */
  take(bytes: number): void {
    this.#credit -= bytes;
  }

  /** Milliseconds until so many bytes may go. */
  waitFor(bytes: number, rate: number): number {
    return Math.max(0, ((bytes - this.#credit) * 1000) / rate);
  }
}
