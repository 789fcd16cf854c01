// What entries have to tell that are dealt with apart from the others of their directory, and later: kept by
// entry until it is their turn among all lines.

import type { ProgressEvent } from "../../tree/index.ts";

interface RowNews {
  events: readonly ProgressEvent[];
  isAll: boolean;
}

/** The late entries of one directory. */
export class LateRows {
  readonly #news = new Map<number, RowNews>();
  /** The entry that a range is at, by the range's first one. */
  readonly #present = new Map<number, number>();
  readonly #rows: Uint32Array;
  /** Nothing more will come. */
  isOver = false;

  /** `rows`: which entry of the directory each one of the ranges' is. */
  constructor(rows: Uint32Array) {
    this.#rows = rows;
  }

  /** Takes what the range that begins at `from` tells; `isAll` = it is done. */
  heard(from: number, events: readonly ProgressEvent[], isAll: boolean): void {
    let row = this.#present.get(from) ?? (this.#rows[from] as number);
    let begin = 0;
    for (let k = 0; k < events.length; k++) {
      const event = events[k] as ProgressEvent;
      if (event.type !== "row") continue;
      const next = this.#rows[event.row] as number;
      this.#add(row, events.slice(begin, k), next !== row);
      row = next;
      begin = k + 1;
    }
    this.#add(row, events.slice(begin), isAll);
    if (isAll) this.#present.delete(from);
    else this.#present.set(from, row);
  }

  #add(row: number, events: readonly ProgressEvent[], isAll: boolean): void {
    const known = this.#news.get(row);
    if (known === undefined) this.#news.set(row, { events, isAll });
    else {
      known.events = events.length === 0 ? known.events : [...known.events, ...events];
      known.isAll ||= isAll;
    }
  }

  /** An entry that was done is not done after all. */
  reopen(row: number): void {
    const known = this.#news.get(row);
    if (known === undefined) this.#news.set(row, { events: none, isAll: false });
    else known.isAll = false;
  }

  /** Takes what an entry of the directory has to tell by now; `isAll` = there will be no more. */
  take(row: number): RowNews {
    const known = this.#news.get(row);
    if (known === undefined) return { events: none, isAll: this.isOver };
    const { events, isAll } = known;
    if (isAll || this.isOver) this.#news.delete(row);
    else known.events = none;
    return { events, isAll: isAll || this.isOver };
  }

  /** Takes what is left, by entry. */
  *takeAll(): Generator<ProgressEvent> {
    for (const [, { events }] of [...this.#news].sort(([a], [b]) => a - b)) yield* events;
    this.#news.clear();
  }
}

const none: readonly never[] = [];
