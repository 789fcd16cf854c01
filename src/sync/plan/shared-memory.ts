// What the lanes of a run and its owner share: words by which they steer one another, and a row of
// counters for each lane.

import {
  type CounterName,
  type Counters,
  counterIndex,
  counterNames,
  sumCounters,
} from "../../tree/index.ts";
import { control, controlSlots } from "./lane-settings.ts";

/** The shared memory of one run. */
export class SharedMemory {
  readonly control = new SharedArrayBuffer(controlSlots * 4);
  /** One Float64Array a lane, by counterNames. */
  readonly counters: SharedArrayBuffer;
  readonly #words = new Int32Array(this.control);
  /** Those of the lanes, and behind them the owner's. */
  readonly #lanes: readonly Float64Array[];

  /** Makes it for so many lanes. */
  constructor(lanes: number) {
    const { length } = counterNames;
    const counters = new SharedArrayBuffer((lanes + 1) * length * 8);
    this.counters = counters;
    this.#lanes = Array.from(
      { length: lanes + 1 },
      (_, lane) => new Float64Array(counters, lane * length * 8, length),
    );
  }

  /** Counters as of now, over all lanes. */
  get sums(): Counters {
    return sumCounters(this.#lanes);
  }

  /** Counts what the owner of the run does itself. */
  count(name: CounterName, more: number): void {
    const own = this.#lanes[this.#lanes.length - 1] as Float64Array;
    own[counterIndex[name]] = (own[counterIndex[name]] as number) + more;
  }

  /** Returns a word. */
  read(word: keyof typeof control): number {
    return this.#words[control[word]] as number;
  }

  /** Sets a word. */
  write(word: keyof typeof control, value: number): void {
    Atomics.store(this.#words, control[word], value);
  }

  /** Lets no lane begin anything more, and wakes those that wait for their rate. */
  stop(): void {
    this.write("cancelled", 1);
    Atomics.notify(this.#words, control.cancelled);
  }
}
