// Which directory most of a directory's files come from: each file that waits gives its vote to the directories
// that have its likeliest candidates. Where several files are as likely, the neighbours' votes decide.

/** What one file's vote is divided into: among up to four directories without remainder. */
const wholeVote = 12;
/** A file that more directories have says nothing. */
const choicesMax = 4;

/** Votes for directories, which are known by the hashes of their paths. */
export class DirectoryVotes {
  /** Votes by 2^32 x the wanted directory's number + the other's hash. */
  readonly #votes = new Map<number, number>();
  /** By number of the wanted directory: its files that wait, and the directory with the most votes. */
  readonly #files: number[] = [];
  readonly #best: number[] = [];

  /** Counts a file that waits, with the directories that have its likeliest candidates. */
  vote(directory: number, choices: ReadonlySet<number>): void {
    this.#files[directory] = (this.#files[directory] ?? 0) + 1;
    if (choices.size === 0 || choices.size > choicesMax) return;
    for (const choice of choices) {
      const key = directory * 2 ** 32 + choice;
      this.#votes.set(key, (this.#votes.get(key) ?? 0) + wholeVote / choices.size);
    }
  }

  /** Ends the count: from now on the others may be asked. */
  count(): void {
    for (const [key, votes] of this.#votes) {
      const directory = Math.floor(key / 2 ** 32);
      const choice = key % 2 ** 32;
      const best = this.#best[directory];
      const most = best === undefined ? 0 : (this.#votes.get(directory * 2 ** 32 + best) ?? 0);
      if (votes > most || (votes === most && best !== undefined && choice < best)) {
        this.#best[directory] = choice;
      }
    }
  }

  /** Returns which part of a directory's files voted for a directory: 0 to 1. */
  share(directory: number, choice: number): number {
    const votes = this.#votes.get(directory * 2 ** 32 + choice);
    return votes === undefined ? 0 : votes / wholeVote / (this.#files[directory] ?? 1);
  }

  /** Returns the directory with the most votes, undefined where there are none. */
  best(directory: number): number | undefined {
    return this.#best[directory];
  }
}
