// Files of a source on another machine that are on the target and are to go there
// (--remove-source-files): remembered until the task that brought them is done.

import type { FileCopy } from "../../session/index.ts";
import type { MovedFiles } from "../tasks/far-tasks.ts";

/** Remembers them. */
export class MovedSources {
  readonly #files = new Map<number | undefined, { rows: number[]; copies: FileCopy[] }>();

  /** Row of the listing that the task is about, or of a directory that has this number at the source's end. */
  add(row: number, copy: FileCopy, directory?: number): void {
    const files = this.#files.get(directory) ?? { rows: [], copies: [] };
    files.rows.push(row);
    files.copies.push(copy);
    this.#files.set(directory, files);
  }

  /** Returns what there is and forgets it. */
  take(): MovedFiles[] {
    const moved = [...this.#files].map(([directory, files]) => ({ directory, ...files }));
    this.#files.clear();
    return moved;
  }
}
