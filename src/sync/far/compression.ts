// Whether content is compressed on its way. Where nobody said, it is when the line is so slow that the
// processor would only wait for it, and for updates, which send little, until they have sent much.

import type { Clock } from "../../base/index.ts";
import type { CompressOptions } from "../../options/index.ts";
import type { Peer } from "../../session/index.ts";
import type { ReadTask } from "../tasks/far-tasks.ts";

/** Bytes of content up to which updates are compressed. Arbitrary: less than a second of work. */
const updateBytesMax = 32 * 1024 * 1024;
/** Slower than one processor compresses, with what else it has to do, in bytes per millisecond. */
const slowRate = 40_000;
/** How long the line is watched at a time, in milliseconds. */
const watchMs = 250;

/** Decides for one run. */
export class Compression {
  readonly #options: CompressOptions;
  readonly #peer: Pick<Peer, "bytesSent" | "backlog">;
  readonly #clock: Pick<Clock, "now">;
  #sent = 0;
  #isSlow = false;
  /** Since when, and from which byte on, something has waited to be sent all the time; undefined = it has not. */
  #busy: { readonly at: number; readonly bytes: number } | undefined;

  constructor(
    options: CompressOptions,
    peer: Pick<Peer, "bytesSent" | "backlog">,
    clock: Pick<Clock, "now">,
  ) {
    this.#options = options;
    this.#peer = peer;
    this.#clock = clock;
  }

  /** What shall be done with what is read next. */
  get wanted(): ReadTask["compresses"] {
    const { on, ifItPays } = this.#options;
    if (!ifItPays) return on ? "all" : "nothing";
    this.#watch();
    if (this.#isSlow) return "all";
    return this.#sent < updateBytesMax ? "updates" : "nothing";
  }

  /** So many bytes of content were sent. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** Looks how fast what waits is leaving. */
  #watch(): void {
    const { bytesSent: bytes, backlog } = this.#peer;
    if (backlog === 0) {
      this.#busy = undefined;
      return;
    }
    const now = this.#clock.now();
    this.#busy ??= { at: now, bytes };
    const elapsed = now - this.#busy.at;
    if (elapsed < watchMs) return;
    this.#isSlow = (bytes - this.#busy.bytes) / elapsed < slowRate;
    this.#busy = { at: now, bytes };
  }
}
