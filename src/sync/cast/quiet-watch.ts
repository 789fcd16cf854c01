// Whether a group has fallen silent: a switch forgets who is in it, where it lost the word of it or nobody asks for it.

/** When nothing has come for so long, the group is joined again: whoever sends says so at least five times a second. */
const quietMsMax = 600;

/** Such a watch. */
export class QuietWatch {
  readonly #everyMs: number;
  #quietMs = 0;
  #lookedAt: number;
  #heard = 0;

  /** `everyMs`: between two looks, about. */
  constructor(everyMs: number, now: number) {
    this.#everyMs = everyMs;
    this.#lookedAt = now;
  }

  /** Says whether nothing has come for too long, and begins anew then. `datagrams`: that have come so far. */
  isQuiet(datagrams: number, now: number): boolean {
    // Time in which this process did not run does not count.
    const passed = Math.min(now - this.#lookedAt, 2 * this.#everyMs);
    this.#quietMs = datagrams > this.#heard ? 0 : this.#quietMs + passed;
    this.#heard = datagrams;
    this.#lookedAt = now;
    if (this.#quietMs < quietMsMax) return false;
    this.#quietMs = 0;
    return true;
  }
}
