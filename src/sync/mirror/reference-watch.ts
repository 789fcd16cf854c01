// Whether the reference is still what was listed: by what tells its state, looked at when the round begins and again when something
// hangs on it, and by single files that turn out to be others.

import { type Source, type TreeState, treeSignOf, treeStateOf } from "../../source/index.ts";

/** What is known: single files are not what was listed ("evidence"), or its state is another one ("yes"). */
export type ReferenceChange = "no" | "evidence" | "yes";

/** Watches. */
export class ReferenceWatch {
  readonly #look: () => Promise<TreeState | undefined>;
  readonly #first: Promise<TreeState | undefined>;
  #change: ReferenceChange = "no";

  /** `isThorough`: everything that tells is looked at, else only what keepers of mirrors leave there. */
  constructor(source: Source, isThorough: boolean, signal: AbortSignal) {
    const look = isThorough ? treeStateOf : treeSignOf;
    this.#look = () => look(source, signal);
    this.#first = this.#look();
    // Whoever needs it hears of it.
    this.#first.catch(() => undefined);
  }

  get change(): ReferenceChange {
    return this.#change;
  }

  /** The state when the round began; undefined = nothing tells it. */
  get state(): Promise<TreeState | undefined> {
    return this.#first;
  }

  /** A file of it is gone, or another one than was listed. */
  foundOther(): void {
    if (this.#change === "no") this.#change = "evidence";
  }

  /** Looks again. */
  async recheck(): Promise<void> {
    if (this.#change === "yes") return;
    const before = await this.#first;
    if (before === undefined) return;
    const now = await this.#look();
    if (now?.mark !== before.mark) this.#change = "yes";
  }
}
