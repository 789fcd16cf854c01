// How fast a line takes what waits to be sent: known only from times when something waited all along.

import type { Clock } from "../../base/index.ts";
import type { Peer } from "../../session/index.ts";

/** How long the line is watched at a time, in milliseconds. */
const watchMs = 250;

/** Watches a line, each time that it is told to look. */
export class LineWatch {
  /** Bytes a millisecond when it was last busy; undefined = it has not been, for long enough. */
  rate: number | undefined;
  readonly #peer: Pick<Peer, "bytesSent" | "backlog">;
  readonly #clock: Pick<Clock, "now">;
  /** Since when, and from which byte on, something has waited to be sent all the time; undefined = it has not. */
  #busy: { readonly at: number; readonly bytes: number } | undefined;

  constructor(peer: Pick<Peer, "bytesSent" | "backlog">, clock: Pick<Clock, "now">) {
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
    this.#busy ??= { at: now, bytes };
    const elapsed = now - this.#busy.at;
    if (elapsed < watchMs) return;
    this.rate = (bytes - this.#busy.bytes) / elapsed;
    this.#busy = { at: now, bytes };
  }
}
