// How long sums may come in the place of directories' records: where most directories are as the source has them, a run hears next
// to nothing of each. Where most are not, each has to be asked for once more.

import type { Looked } from "../tasks/far-tasks.ts";

/** So many sums are looked at between two decisions. Arbitrary: some part of a second on a slow line. */
const sumsMin = 64;
/** They are not worth their while when more than this part of them are of something else. */
const othersMax = 0.5;

/** Decides as the walk goes on. */
export class SumChoice {
  #areWanted: boolean;
  #sums = 0;
  #others = 0;

  constructor(columns: number) {
    this.#areWanted = columns !== 0;
  }

  /** Counts; returns true once, when there are to be no more. */
  isEnough({ sums, others }: Pick<Looked, "sums" | "others">): boolean {
    if (!this.#areWanted) return false;
    this.#sums += sums;
    this.#others += others;
    if (this.#sums < sumsMin) return false;
    this.#areWanted = this.#others <= this.#sums * othersMax;
    this.#sums = this.#others = 0;
    return !this.#areWanted;
  }
}
