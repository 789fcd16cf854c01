// How long work takes, learned from what was done: bundles hold as much as keeps a lane busy for a
// moment, whether a task takes microseconds or, on slow storage, a second.

/** What was learned earlier counts so much against each new bundle. */
const memory = 0.8;

/** The pace of one scheduler's lanes. */
export class Pace {
  #ms = 0;
  #cost = 0;

  /** A lane took so long for tasks of this cost. */
  note(ms: number, cost: number): void {
    this.#ms = this.#ms * memory + ms;
    this.#cost = this.#cost * memory + cost;
  }

  /** Work has taken time. */
  get isKnown(): boolean {
    return this.#ms > 0;
  }

  /** The time that a lane takes for what costs so much; 0 as long as nobody knows. */
  msFor(cost: number): number {
    return this.#cost === 0 ? 0 : (cost * this.#ms) / this.#cost;
  }

  /** The cost of what a lane does in this time; infinite as long as nothing took any. */
  costWithin(ms: number): number {
    return this.#ms === 0 ? Number.POSITIVE_INFINITY : (ms * this.#cost) / this.#ms;
  }
}
