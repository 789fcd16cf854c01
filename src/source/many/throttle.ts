// Keeps what comes from one source, over all its connections, to a rate.

import type { Clock } from "../../base/index.ts";

/** Bytes that are let through at once, as a part of a second: less than anybody would take for a stall. */
const sliceSeconds = 0.05;
const sliceBytesMin = 4096;

/** Such a limit. */
export class Throttle {
  readonly #clock: Clock;
  readonly #rate: number;
  /** When the next byte may come, in milliseconds. */
  #free = 0;

  /** `rate`: bytes a second. */
  constructor(rate: number, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** How many bytes to ask for a turn of, at most. */
  get sliceBytes(): number {
    return Math.max(sliceBytesMin, Math.floor(this.#rate * sliceSeconds));
  }

  /** Waits until so many bytes may have come. Rejects with the signal's reason. */
  async turn(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = this.#clock.now();
    this.#free = Math.max(this.#free, now) + (bytes * 1000) / this.#rate;
    const delay = this.#free - now;
    if (delay <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const stop = this.#clock.after(delay, () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      });
      const abandon = (): void => {
        stop();
        reject(signal.reason);
      };
      signal.addEventListener("abort", abandon, { once: true });
    });
  }
}
