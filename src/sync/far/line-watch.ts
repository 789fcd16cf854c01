// How fast a line takes what waits to be sent: known only from times when something waited all along, and
// neither end was what it waited for.

import type { Clock } from "../../base/index.ts";
import type { Peer } from "../../session/index.ts";
import { IdleWatch } from "./idle-watch.ts";

/** How long the line is watched at a time, in milliseconds. */
const watchMs = 250;

/** Watches a line, each time that it is told to look. */
export class LineWatch {
  /** Bytes a millisecond when it was last busy; undefined = it has not been, for long enough. */
  rate: number | undefined;
  readonly #peer: Pick<Peer, "bytesSent" | "backlog">;
  readonly #clock: Pick<Clock, "now" | "idleMs">;
  /** Since when, and from which byte on, something has waited to be sent all the time; undefined = it has not. */
  #busy: { readonly at: number; readonly bytes: number; readonly idle: IdleWatch } | undefined;

  constructor(peer: Pick<Peer, "bytesSent" | "backlog">, clock: Pick<Clock, "now" | "idleMs">) {
    this.#peer = peer;
    this.#clock = clock;
  }

  /** Looks how fast what waits is leaving. */
  look(): void {
    const { bytesSent: bytes, backlog } = this.#peer;
    if (backlog === 0) {
      this.#busy = undefined;
      return;
    }
    const now = this.#clock.now();
    this.#busy ??= { at: now, bytes, idle: new IdleWatch(this.#clock) };
    const { at, bytes: before, idle } = this.#busy;
    const elapsed = now - at;
    if (elapsed < watchMs) return;
    // A thread that is busy gives the line nothing in the meantime.
    this.rate = idle.isBusy() ? undefined : (bytes - before) / elapsed;
    this.#busy = { at: now, bytes, idle };
  }

  /** The other end has no time to take what comes: that something waits is not the line's doing. */
  acquit(): void {
    this.rate = undefined;
    this.#busy = undefined;
  }
}
