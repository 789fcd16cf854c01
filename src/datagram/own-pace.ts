// What a sender does itself: how much it sends, and whether its machine lets it.

import { lateMs } from "./limits.ts";

/** Such figures. */
export class OwnPace {
  /** Bytes on the wire so far. */
  bytes = 0;
  /** Bytes a second, at the last look. */
  actual = 0;
  #lookBytes = 0;
  #lookAt = 0;
  #ranAt = Number.POSITIVE_INFINITY;
  #wokeAt = Number.NEGATIVE_INFINITY;

  /** Looks at what was sent; no more often than that. */
  look(everyMs: number, now: number): void {
    const passed = now - this.#lookAt;
    if (passed < everyMs) return;
    this.actual = ((this.bytes - this.#lookBytes) * 1000) / passed;
    this.#lookBytes = this.bytes;
    this.#lookAt = now;
  }

  /** Says whether this machine was busy with other things lately. To be asked more often than that takes. */
  hasSlept(now: number): boolean {
    if (now - this.#ranAt > lateMs) this.#wokeAt = now;
    this.#ranAt = now;
    return now - this.#wokeAt < lateMs;
  }
}
