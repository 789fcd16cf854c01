// Whether the thread that moves an end's messages has time for them.

import type { Clock } from "../../base/index.ts";

/** A thread that has nothing to do for less than this share of the time is busy. */
const idleShare = 0.5;

/** Watches the calling thread, from one question to the next. */
export class IdleWatch {
  readonly #clock: Pick<Clock, "now" | "idleMs">;
  #at: number;
  #idleMs: number | undefined;

  constructor(clock: Pick<Clock, "now" | "idleMs">) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#idleMs = clock.idleMs?.();
  }

  /** Milliseconds since the last question. */
  get elapsedMs(): number {
    return this.#clock.now() - this.#at;
  }

  /** Says whether it has been busy since the last question; false where nobody knows. */
  isBusy(): boolean {
    const [now, idleMs] = [this.#clock.now(), this.#clock.idleMs?.()];
    const [elapsed, before] = [now - this.#at, this.#idleMs];
    this.#at = now;
    this.#idleMs = idleMs;
    if (idleMs === undefined || before === undefined) return false;
    return idleMs - before < elapsed * idleShare;
  }
}

/** How often it is told that an end is busy: more often than the other end looks at the line. */
const busyMs = 100;
/** Where less content has come, nobody wonders about the line. */
const busyBytesMin = 256 * 1024;

/** Decides when the target's end tells that it has no time to take what comes. */
export class BusyEnd {
  readonly #watch: IdleWatch;
  #bytes = 0;

  constructor(clock: Pick<Clock, "now" | "idleMs">) {
    this.#watch = new IdleWatch(clock);
  }

  /** So many bytes of content have come: says whether it is to be told now. */
  tells(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes < busyBytesMin || this.#watch.elapsedMs < busyMs) return false;
    this.#bytes = 0;
    return this.#watch.isBusy();
  }
}
