// Which files of a tree may have the content that others wait for. Files of the same size come first, then
// files with a name that is like it. Reads the candidates in order, at most three times, and keeps of them only
// bounded samples by what makes them likely: time and memory grow with the number of files and no faster, whatever
// sizes and names they share. The answer depends on the files, and not on the order in which they were found.

import { type ByteString, fromBytes } from "../../base/index.ts";
import type { Candidates } from "./candidates.ts";
import { isSameMoment, likelihood } from "./likelihood.ts";
import { MoveSearch } from "./move-search.ts";
import type { WantedFiles } from "./wanted-files.ts";

/** Files of no more than the size that are looked at where some have the time, too. */
const othersMax = 2;

/** How files are matched. */
export interface MoveRules {
  /** Candidates for a file at most, up to 64. */
  readonly candidatesMax: number;
  /** Only files of the same base name (--detect-moved). */
  readonly sameName: boolean;
  /** Says whether a tag is that of the tree that files are wanted for: there no file is its own candidate. */
  readonly isOwn: (tag: number) => boolean;
  /** A new file that has no candidate of its size gets those with the likest names. */
  readonly likeness: boolean;
}

/** A file that may have the content of another. */
export interface MoveCandidate {
  /** What was given with the files of its directory, and which of them it is. */
  readonly tag: number;
  readonly index: number;
  readonly directory: ByteString;
  readonly name: ByteString;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  /** What is the same: size and time, the size, or no more than a likeness of names. */
  readonly same: "time" | "size" | "name";
}

/** Finds candidates for every wanted file. The answer reads both as long as it is used. */
export function matchMoves(
  wanted: WantedFiles,
  candidates: Candidates,
  rules: MoveRules,
): MoveMatches {
  const search = new MoveSearch(wanted, candidates, rules.candidatesMax);
  const matches = new MoveMatches(search, rules);
  if (wanted.count === 0) return matches;
  search.findSizes();
  for (let i = 0; i < wanted.count; i++) {
    search.votes.vote(wanted.directory[i] as number, matches.directoriesOf(i));
  }
  search.votes.count();
  if (rules.likeness) search.findNames((i) => !matches.hasSameSize(i));
  return matches;
}

/** A found file, and how likely it is. */
interface Weighed {
  readonly h: number;
  readonly weight: number;
}

/** The candidates of every wanted file. */
export class MoveMatches {
  readonly #search: MoveSearch;
  readonly #rules: MoveRules;

  constructor(search: MoveSearch, rules: MoveRules) {
    this.#search = search;
    this.#rules = rules;
  }

  /** Returns the candidates of wanted file `i`, likeliest first. */
  of(i: number): readonly MoveCandidate[] {
    const ofSize = this.#weigh(i, "size");
    const weighed = ofSize.length > 0 ? ofSize : this.#weigh(i, "name");
    return weighed.slice(0, this.#likely(i, weighed)).map(({ h }) => this.#candidate(i, h));
  }

  /** Returns how many of the first are worth a look: where some have the time, too, few others. */
  #likely(i: number, weighed: readonly Weighed[]): number {
    const { wanted, found } = this.#search;
    const hasTime = ({ h }: Weighed): boolean =>
      found.size[h] === wanted.size[i] &&
      isSameMoment(wanted, i, found.mtime[h] as number, found.mtimeNanos[h] as number);
    const others = weighed.findIndex((one) => !hasTime(one));
    return others > 0 ? others + othersMax : weighed.length;
  }

  /** Says whether there is a candidate of the size of wanted file `i`. */
  hasSameSize(i: number): boolean {
    return this.#weigh(i, "size").length > 0;
  }

  /** Returns the hashes of the directories that have the likeliest candidates of wanted file `i`. */
  directoriesOf(i: number): ReadonlySet<number> {
    const { found } = this.#search;
    const weighed = this.#weigh(i, "size");
    const first = weighed[0];
    const choices = new Set<number>();
    for (const { h, weight } of weighed) {
      if (weight === first?.weight) choices.add(found.path[h] as number);
    }
    return choices;
  }

  #weigh(i: number, by: "size" | "name"): readonly Weighed[] {
    const { wanted, found, traits, votes } = this.#search;
    const weighed: Weighed[] = [];
    const add = (h: number): void => {
      if (!this.#mayBe(i, h, by) || weighed.some((other) => found.isSame(other.h, h))) return;
      weighed.push({ h, weight: likelihood(wanted, i, traits, found, h, votes) });
    };
    if (by === "size") this.#search.eachOfSize(i, add);
    else this.#search.eachOfName(i, add);
    const rank = ({ h }: Weighed): number => found.rank[h] as number;
    weighed.sort((a, b) => b.weight - a.weight || rank(a) - rank(b));
    return weighed.slice(0, this.#rules.candidatesMax);
  }

  /** Two things that have the same key need not be the same; and no file is its own former self. */
  #mayBe(i: number, h: number, by: "size" | "name"): boolean {
    const { wanted, found, traits } = this.#search;
    const isSameName = found.name[h] === traits.name.name;
    if (by === "size" && found.size[h] !== wanted.size[i]) return false;
    if (this.#rules.sameName && !isSameName) return false;
    if (by === "name" && !isSameName && found.stem[h] !== traits.name.stem) return false;
    const isSamePath = isSameName && found.path[h] === traits.directory.path;
    return !(isSamePath && this.#rules.isOwn(found.tag[h] as number));
  }

  #candidate(i: number, h: number): MoveCandidate {
    const { wanted, found, candidates } = this.#search;
    const cursor = candidates.open(found.place[h] as number);
    const index = found.index[h] as number;
    const [size, mtime] = [found.size[h] as number, found.mtime[h] as number];
    const mtimeNanos = found.mtimeNanos[h] as number;
    const isSameSize = size === wanted.size[i];
    const isSameTime = isSameSize && isSameMoment(wanted, i, mtime, mtimeNanos);
    return {
      tag: cursor.tag,
      index: cursor.first + index,
      directory: fromBytes(cursor.bytes, cursor.pathStart, cursor.namesStart),
      name: fromBytes(cursor.bytes, cursor.nameStart(index), cursor.nameEnd(index)),
      ...{ size, mtime, mtimeNanos },
      same: isSameTime ? "time" : isSameSize ? "size" : "name",
    };
  }
}
