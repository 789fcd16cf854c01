// Entries that wait, matched with the files that were seen on the target: which file each of them may be made of, and
// which of them a file becomes that is going to lose its name.

import type { ByteString } from "../../base/index.ts";
import { Orders, order } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import {
  type Candidates,
  type MoveCandidate,
  matchMoves,
  WantedFiles,
} from "../../pipeline/index.ts";
import { Directory, type FrozenDirectory, isRegular } from "../../tree/index.ts";
import type { ApplyTask } from "../tasks/apply-task.ts";
import { fileTag, type MoveBases, type MoveBasis } from "../tasks/move-tasks.ts";

/** Files that are looked at for one entry, and for all of them. */
const candidatesMax = 16;
const candidatesInAll = 1024 * 1024;

/** What a round has to know of the run. */
export interface MatchRoundOptions {
  readonly options: Options;
  /** What is planned to be deleted will be. */
  readonly deletes: boolean;
  /** The source is on another machine: what is merely like what is wanted saves bytes, too. */
  readonly isFar: boolean;
  /** Trees are known that only the target has, or others: whatever differs may be in them. */
  readonly hasSpare: boolean;
}

/** Some entries and what they are matched with. */
export class MatchRound {
  readonly #seen: Candidates;
  readonly #options: Options;
  readonly #deletes: boolean;
  readonly #wanted = new WantedFiles();
  readonly #directories = new Map<ByteString, number>();
  /** Those that replace a file. */
  readonly #changes = new Set<number>();
  readonly #hasSpare: boolean;
  /** By entry. */
  #candidates: readonly (readonly MoveCandidate[])[] = [];
  /** The entries that files become, by file. */
  readonly #heirs = new Map<string, number>();
  readonly #isFar: boolean;

  constructor(seen: Candidates, { options, deletes, isFar, hasSpare }: MatchRoundOptions) {
    this.#hasSpare = hasSpare;
    this.#seen = seen;
    this.#options = options;
    this.#deletes = deletes;
    this.#isFar = isFar;
  }

  /** Adds all entries of a listing. */
  add(
    path: ByteString,
    frozen: Pick<ApplyTask, "target" | "orders"> & { readonly source: FrozenDirectory },
  ): void {
    const source = Directory.thaw(frozen.source);
    for (let i = 0; i < source.count; i++) this.#add(path, frozen, source, i);
  }

  /** Adds the one entry that a task is about. */
  addOne(task: ApplyTask): void {
    this.#add(task.path, task, Directory.thaw(task.source), task.from);
  }

  #add(
    path: ByteString,
    { target, orders }: Pick<ApplyTask, "target" | "orders">,
    source: Directory,
    i: number,
  ): void {
    let directory = this.#directories.get(path);
    if (directory === undefined) {
      directory = this.#wanted.addDirectory(path);
      this.#directories.set(path, directory);
    }
    const thawed = Orders.thaw(orders);
    const t = thawed.target[i] as number;
    if (thawed.kind[i] === order.change) this.#changes.add(this.#wanted.count);
    const hasOwn = t >= 0 && isRegular(Directory.thaw(target).mode[t] as number);
    this.#wanted.add(directory, i, source, i, hasOwn);
  }

  /** Matches what was added. */
  match(): void {
    const { detect } = this.#options.own.renames;
    const { count } = this.#wanted;
    const share = Math.floor(candidatesInAll / Math.max(1, count));
    const matches = matchMoves(this.#wanted, this.#seen, {
      candidatesMax: Math.max(1, Math.min(candidatesMax, share)),
      sameName: detect === "names",
      isOwn: (tag) => tag === 0,
      likeness: this.#isFar && detect !== "names",
    });
    this.#candidates = Array.from({ length: count }, (_, i) => matches.of(i));
    this.#bequeath();
  }

  /** Decides which entry a file becomes that loses its name: first choices first, the others may have what is left. */
  #bequeath(): void {
    const rest: (readonly [key: string, i: number])[] = [];
    for (const [i, candidates] of this.#candidates.entries()) {
      // A file below a directory that was replaced was seen where it stood, and again when that was removed.
      const lost = new Set(candidates.filter((each) => this.#isLost(each)).map(keyOf));
      if (lost.size === 0) continue;
      for (const [at, candidate] of candidates.entries()) {
        const key = keyOf(candidate);
        if (!lost.has(key) || candidate.same === "name" || this.#heirs.has(key)) continue;
        if (at === 0) this.#heirs.set(key, i);
        else rest.push([key, i]);
      }
    }
    for (const [key, i] of rest) if (!this.#heirs.has(key)) this.#heirs.set(key, i);
  }

  /** Says whether the file loses its name in this run. */
  #isLost({ tag }: MoveCandidate): boolean {
    return tag === fileTag.gone || (tag === fileTag.goes && this.#deletes);
  }

  /** Returns what entries may be made of, by the order in which they were added. */
  bases(from: number, to: number): MoveBases {
    return this.#candidates
      .slice(from, to)
      .map((candidates, k) =>
        candidates
          .filter(({ same }) => this.#isOfUse(same, from + k))
          .map((candidate) => this.#basisOf(candidate, from + k)),
      );
  }

  #basisOf(candidate: MoveCandidate, i: number): MoveBasis {
    return { ...candidate, becomes: this.#heirs.get(keyOf(candidate)) === i };
  }

  /**
   * --detect-moved takes files as they are, or leaves them. Where nothing has lost its place, a file that differs was
   * written to: that others are of its size by chance is not worth a look.
   */
  #isOfUse(same: MoveCandidate["same"], i: number): boolean {
    if (same === "time") return true;
    if (this.#options.own.renames.detect === "names") return false;
    return same === "name" || this.#hasSpare || !this.#changes.has(i);
  }
}

/** Names the file, wherever it lies by now. */
function keyOf({ tag, directory, name }: MoveCandidate): string {
  return `${Math.max(tag, fileTag.gone)}:${directory}/${name}`;
}
