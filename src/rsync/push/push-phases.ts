// The phases of a run as the sending end counts them: ends of lists, then of second tries, delayed updates and late deletions.

import { brokenProtocol } from "../wire/wire-cursor.ts";

/** The protocol from which on there is a phase for late deletions. */
const lateDeletions = 31;
/** Ends of phases up to the last one with items in it. */
const itemPhases = 3;

/** What an end of a phase is answered with. */
export type PhaseEnd =
  /** Another one. */
  | "end"
  /** Another one, and a list is done with. */
  | "list"
  /** Another one, what could not be sent ahead of it, and numbers behind it. */
  | "last"
  /** Another one; then only a farewell comes. */
  | "deletions"
  /** Nothing: it was the farewell. */
  | "over";

/** Counts. */
export class PushPhases {
  readonly #incremental: boolean;
  readonly #protocol: number;
  #ends = 0;
  #openLists = 0;
  hasAllLists = false;

  constructor(protocol: number, incremental: boolean) {
    this.#protocol = protocol;
    this.#incremental = incremental;
  }

  /** A list was sent. */
  listSent(): void {
    this.#openLists++;
  }

  /** Content may be asked for. */
  get takesRequests(): boolean {
    return this.#ends < itemPhases - 1;
  }

  /** Items are over: only counts of deletions and ends come. */
  get isClosing(): boolean {
    return this.#ends >= itemPhases;
  }

  /** An end of a phase has come. Throws a protocol-data error for one too many. */
  ended(): PhaseEnd {
    if (this.#incremental && this.#ends === 0) {
      if (this.#openLists === 0) throw brokenProtocol("it is done with a list that it has not got");
      this.#openLists--;
      if (this.#openLists > 0 || !this.hasAllLists) return "list";
      this.#ends = 1;
      return "list";
    }
    if (!this.hasAllLists) throw brokenProtocol("a phase ends before the list does");
    this.#ends++;
    if (this.#ends < itemPhases) return "end";
    if (this.#ends === itemPhases) return "last";
    const hasDeletions = this.#protocol >= lateDeletions;
    return hasDeletions && this.#ends === itemPhases + 1 ? "deletions" : "over";
  }
}
