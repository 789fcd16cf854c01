// Files of a source on another machine that are on the target and are to go there
// (--remove-source-files): remembered until the task that brought them is done.

import type { MovedFiles } from "../tasks/far-tasks.ts";

/** Remembers them. */
export class MovedSources {
  #rows: number[] = [];
  #others = new Map<number, number[]>();

  /** Row of the listing that the task is about. */
  add(row: number): void {
    this.#rows.push(row);
  }

  /** Row of the listing of a directory that has this number at the source's end. */
  addOf(directory: number, row: number): void {
    const rows = this.#others.get(directory);
    if (rows === undefined) this.#others.set(directory, [row]);
    else rows.push(row);
  }

  /** Returns what there is and forgets it. */
  take(): MovedFiles[] {
    const moved: MovedFiles[] = [...this.#others].map(([directory, rows]) => ({ directory, rows }));
    if (this.#rows.length > 0) moved.push({ directory: undefined, rows: this.#rows });
    this.#rows = [];
    this.#others.clear();
    return moved;
  }
}
