// Whether it is for one process to conduct, as long as nobody has published what the tree is: whoever conducts first does that, and so
// that it is the one whom --reference means, all wait a little for others, and leave it to whoever is newer than they are.

import type { ReferencePolicy } from "../../options/index.ts";
import { chosenOf, type KnownState } from "../mirror/choose-reference.ts";
import type { Board } from "./board.ts";
import type { JobFolder } from "./job-folder.ts";
import { publishedAt, publishedReference } from "./reference.ts";

/** Which source of all processes says what the tree is. */
export interface ReferenceChoice {
  readonly policy: ReferencePolicy;
  /** Of this process's source; undefined = nothing tells it. */
  readonly state: KnownState | undefined;
}

/** Processes that are started together come within so long. Arbitrary: a shell's loop, and remote shells that take a second. */
const gatherSeconds = 3;

/** Such a candidacy. */
export class Candidacy {
  readonly #board: Board;
  readonly #folder: JobFolder;
  readonly #choice: ReferenceChoice | undefined;
  readonly #enteredAt: number;
  #isSettled = false;
  /** The number of what an earlier run published; undefined = there is nothing, or what there is counts. */
  readonly oldReference: number | undefined;

  /** Says that this process has come. `choice`: undefined = whoever comes first. Throws FsError. */
  constructor(board: Board, folder: JobFolder, choice: ReferenceChoice | undefined) {
    this.#board = board;
    this.#folder = folder;
    this.#choice = choice;
    this.#enteredAt = board.now;
    const state = choice && (choice.state ?? null);
    board.say({ is: "came", time: board.fileNow, ...(state !== undefined && { state }) });
    board.poll(true);
    this.oldReference = this.#findOld();
  }

  /** What was there before any of those came who are there now is of an earlier run. */
  #findOld(): number | undefined {
    const number = publishedReference(this.#folder)?.number;
    const time = number === undefined ? undefined : publishedAt(this.#folder, number);
    if (time === undefined) return undefined;
    const { name } = this.#board.self;
    // Who has not said when it came has just come.
    const isOlder = ({ cameAt = Number.POSITIVE_INFINITY }): boolean => cameAt <= time;
    const others = this.#board.living().filter((one) => one.name !== name);
    return others.some(isOlder) ? undefined : number;
  }

  /** This process may try to conduct. Throws FsError. */
  get mayConduct(): boolean {
    if (this.#choice === undefined || this.hasReference) return true;
    return this.#hasGathered && !this.isOutdone;
  }

  /** It is said what the tree is, for good. Throws FsError. */
  get hasReference(): boolean {
    const number = this.#isSettled ? undefined : publishedReference(this.#folder)?.number;
    this.#isSettled ||= number !== undefined && number !== this.oldReference;
    return this.#isSettled;
  }

  /** Another one who is there should say what the tree is. Nobody outdoes those who outdo him, so that somebody always may. */
  get isOutdone(): boolean {
    if (this.#choice === undefined) return false;
    const { name } = this.#board.self;
    const others = this.#board.living().filter((one) => one.name !== name);
    const known = others.map(({ state }) => state).filter((state) => state !== undefined);
    const states = [this.#choice.state, ...known.map((state) => state ?? undefined)];
    return chosenOf(this.#choice.policy, states) !== 0;
  }

  /** Since the first of those came who are there; or since we did, whatever clocks say. */
  get #hasGathered(): boolean {
    const { now, fileNow } = this.#board;
    if (now - this.#enteredAt >= gatherSeconds) return true;
    const came = this.#board.living().map(({ cameAt }) => cameAt ?? fileNow);
    return fileNow - Math.min(...came) >= gatherSeconds;
  }
}
