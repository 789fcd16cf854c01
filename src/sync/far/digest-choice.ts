// Whether digests of files shall come with their directories: worth it where most of them would be asked for, as after a
// checkout or an unpacking, which give every file a new time. Where few are, the source's end would read files for nothing.

import type { Looked } from "../tasks/far-tasks.ts";

/** So many files are looked at between two decisions. Arbitrary: a few directories. */
const filesMin = 256;
/** They are wanted from this part of the files on, and no longer below that one. */
const [wantedFrom, wantedTo] = [0.5, 0.25];

/** Decides as the walk goes on. */
export class DigestChoice {
  #isWanted = false;
  #files = 0;
  #alike = 0;

  /** Counts files that were looked at, and those that a digest tells of; returns what is wanted from now on, undefined = what was. */
  looked({ files, alike }: Pick<Looked, "files" | "alike">): boolean | undefined {
    this.#files += files;
    this.#alike += alike;
    if (this.#files < filesMin) return undefined;
    const part = this.#alike / this.#files;
    this.#files = this.#alike = 0;
    const isWanted = part >= (this.#isWanted ? wantedTo : wantedFrom);
    if (isWanted === this.#isWanted) return undefined;
    this.#isWanted = isWanted;
    return isWanted;
  }
}
