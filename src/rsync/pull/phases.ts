// The phases of a run as the receiving end counts them: lists that are done with and answered, then the ends of the phases
// for second tries, delayed updates and late deletions, of which nothing is used here.

import { assert } from "../../base/index.ts";
import { brokenProtocol } from "../wire/wire-cursor.ts";

/** The protocol from which on there is a phase for late deletions, and a list's end tells errors. */
const lateDeletions = 31;

/** What is read next. */
export type PullState =
  | "rules"
  | "list"
  | "index"
  | "header"
  | "head"
  | "tokens"
  | "sum"
  | "deletions"
  | "statistics"
  | "over";

/** What follows when an end of a phase has come. */
export type AfterEnd = "more" | "statistics" | "goodbye";

/** Counts. */
export class PullPhases {
  readonly #protocol: number;
  #come = 0;
  #done = 0;
  #answered = 0;
  /** There are no more lists. */
  hasAllLists: boolean;
  /** Ends that have come behind that of the last list; -1 = that has not come. */
  #ends = -1;

  /** Nothing follows that ends would have to wait for. */
  mayClose: boolean;
  readonly #hasStatistics: boolean;

  /** `isServer`: the other end tells no statistics, and this one says when it may end. */
  constructor(protocol: number, incremental: boolean, isServer: boolean) {
    this.#hasStatistics = !isServer;
    this.mayClose = !isServer;
    this.#protocol = protocol;
    this.hasAllLists = !incremental;
  }

  /** Lists that have come. */
  get lists(): number {
    return this.#come;
  }

  listCame(): void {
    this.#come++;
  }

  /** This end says that it is done with a list. */
  listDone(): void {
    assert(this.#done < this.#come, "A list that is done has come.");
    this.#done++;
  }

  /** An end of a phase has come. Throws a protocol-data error for one too many. */
  ended(): AfterEnd {
    if (this.#ends < 0) {
      if (this.#answered >= this.#done) throw brokenProtocol("a phase ends too early");
      this.#answered++;
      return "more";
    }
    this.#ends++;
    if (this.#ends < 2) return "more";
    if (this.#ends > 2) return "goodbye";
    if (this.#hasStatistics) return "statistics";
    return this.endsWithStatistics ? "goodbye" : "more";
  }

  /** Nothing follows statistics but the end. */
  get endsWithStatistics(): boolean {
    return this.#protocol < lateDeletions;
  }

  /** Returns how many ends of phases are to be said when all lists are through; 0 = not now. */
  closing(): number {
    const isThrough = this.mayClose && this.hasAllLists && this.#answered === this.#come;
    if (!isThrough || this.#ends >= 0) return 0;
    this.#ends = 0;
    return this.#protocol >= lateDeletions ? 3 : 2;
  }
}
