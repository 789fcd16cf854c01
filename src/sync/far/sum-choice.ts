// How long sums may come in the place of directories' records: where most directories are as the source has them, a run hears next
// to nothing of each. Where most are not, each has to be asked for once more: so a few are tried first.

import type { Looked } from "../tasks/far-tasks.ts";

/** So many sums are looked at between two decisions; the source's end sends little more before the first. */
const sumsMin = 32;
/** They are not worth their while when more than this part of them are of something else. */
const othersMax = 0.5;

/** Decides as the walk goes on. */
export class SumChoice {
  readonly #columns: number;
  #state: "tried" | "wanted" | "not wanted";
  #sums = 0;
  #others = 0;

  /** `columns`: what sums are of; 0 = there are none. */
  constructor(columns: number) {
    this.#columns = columns;
    this.#state = columns === 0 ? "not wanted" : "tried";
  }

  /** Counts; returns of which columns sums may come from now on, when that is to be told. */
  looked({ sums, others }: Pick<Looked, "sums" | "others">): number | undefined {
    if (this.#state === "not wanted") return undefined;
    this.#sums += sums;
    this.#others += others;
    if (this.#sums < sumsMin) return undefined;
    const before = this.#state;
    this.#state = this.#others > this.#sums * othersMax ? "not wanted" : "wanted";
    this.#sums = this.#others = 0;
    if (this.#state === before) return undefined;
    return this.#state === "wanted" ? this.#columns : 0;
  }
}
