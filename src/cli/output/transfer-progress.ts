// rsync's progress lines: --progress for each file, --info=progress2 for the whole run. Bytes,
// percent, rate over the last seconds, time left; at a file's end its average rate, the time it
// took, its number and how many entries are still to be looked at.

import { formatNumber } from "./numbers.ts";
import { clockText } from "./time-text.ts";

/** Measures kept: rsync looks back this many seconds. */
const historyLength = 5;
const redrawMs = 1000;

/** Numbers that stand at the end of a finished file's line. */
export interface CheckCounts {
  /** Files transferred so far, this one included. */
  readonly transferred: number;
  /** Entries not yet looked at, and all known entries. */
  readonly toCheck: number;
  readonly total: number;
  readonly scanComplete: boolean;
}

/** The display of one moving amount: the bytes of a file, or of the whole run. */
export class TransferProgress {
  readonly #numbers: number;
  /** Milliseconds and bytes at the start; undefined = nothing was shown yet. */
  #start: { readonly at: number; readonly done: number } | undefined;
  #history: { readonly at: number; readonly done: number }[] = [];

  constructor(numbers: number) {
    this.#numbers = numbers;
  }

  /** Nothing was shown since the last finish. */
  get isFresh(): boolean {
    return this.#start === undefined;
  }

  /** Forgets the amount, for the next file. */
  reset(): void {
    this.#start = undefined;
    this.#history = [];
  }

  /** Returns the line for an amount under way, undefined when the last one is less than a second old. */
  advance(done: number, size: number, now: number): string | undefined {
    if (this.#start === undefined) {
      this.#start = { at: now, done };
      this.#history = [this.#start];
    } else {
      const newest = this.#history[this.#history.length - 1] ?? this.#start;
      if (now - newest.at < redrawMs) return undefined;
      this.#history.push({ at: now, done });
      if (this.#history.length > historyLength) this.#history.shift();
    }
    const oldest = this.#history[0] ?? this.#start;
    const rate = kilobytesPerSecond(done - oldest.done, now - oldest.at);
    const remaining = rate > 0 ? (size - done) / rate / 1000 : 0;
    return `${this.#body(done, size, rate, remaining)}  `;
  }

  /** Returns the line for an amount that has ended, or (whole run) a file of it. */
  finish(done: number, size: number, now: number, counts: CheckCounts): string {
    const start = this.#start ?? { at: now, done };
    const took = Math.max(1, now - start.at);
    const rate = kilobytesPerSecond(done - start.done, took);
    const word = counts.scanComplete ? "to" : "ir";
    const tail = ` (xfr#${counts.transferred}, ${word}-chk=${counts.toCheck}/${counts.total})`;
    return this.#body(done, size, rate, took / 1000) + tail;
  }

  #body(done: number, size: number, rate: number, seconds: number): string {
    const bytes = formatNumber(done, this.#numbers).padStart(15);
    const percent = done === size ? 100 : Math.trunc((100 * done) / size);
    const { value, unit } = scaleRate(rate);
    return `\r${bytes} ${String(percent).padStart(3)}% ${value.toFixed(2).padStart(7)}${unit} ${clockText(seconds)}`;
  }
}

function kilobytesPerSecond(bytes: number, ms: number): number {
  return (bytes * 1000) / Math.max(1, ms) / 1024;
}

function scaleRate(rate: number): { readonly value: number; readonly unit: string } {
  if (rate > 1024 * 1024) return { value: rate / (1024 * 1024), unit: "GB/s" };
  if (rate > 1024) return { value: rate / 1024, unit: "MB/s" };
  return { value: rate, unit: "kB/s" };
}
