// How far a run is, for people and programs: totals that are "at least" until the scan is complete,
// then a percentage and a remaining time that never go backwards, and a rate without jitter.
//
// Work is counted in bytes, each file costing some bytes more for being opened, named and closed:
// otherwise a million empty files would never move the percentage.

import type { Counters } from "../../tree/index.ts";
import type { RunState } from "./run-info.ts";

/** What a file costs besides its bytes, as bytes. */
const fileCost = 16 * 1024;
/** Milliseconds over which the shown rate is smoothed. */
const rateMemoryMs = 3000;
/** Milliseconds of measuring before a remaining time is told. */
const etaAfterMs = 1000;

/** How far a run is. */
export interface RunView {
  /** The scan goes on: totals may still grow. */
  readonly atLeast: boolean;
  readonly entries: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** 0 to 100, rounded down; undefined while the scan goes on. */
  readonly percent: number | undefined;
  /** Milliseconds left; undefined while unknown. */
  readonly etaMs: number | undefined;
  /** Bytes per second, smoothed. */
  readonly rate: number;
  readonly elapsedMs: number;
}

/** Follows a run. */
export class Estimate {
  #lastMs: number | undefined;
  #lastBytes = 0;
  #rate = 0;
  #complete = false;
  #measuredSince = 0;
  #workAtComplete = 0;
  #percent = 0;
  #eta: number | undefined;

  /** Takes the latest counts and returns the view of them. Time must not run backwards. */
  update(counters: Counters, entries: number, state: RunState): RunView {
    const { elapsedMs } = state;
    const bytesDone = Math.max(this.#lastBytes, counters.doneBytes);
    this.#smooth(bytesDone, elapsedMs);
    const filesTotal = Math.max(counters.plannedFiles, counters.doneFiles);
    const bytesTotal = Math.max(counters.plannedBytes, bytesDone);
    const done = bytesDone + fileCost * counters.doneFiles;
    const total = bytesTotal + fileCost * filesTotal;
    if (state.scanComplete && !this.#complete) {
      this.#complete = true;
      this.#measuredSince = elapsedMs;
      this.#workAtComplete = done;
    }
    if (this.#complete) this.#proceed(done, total, elapsedMs);
    return {
      atLeast: !this.#complete,
      entries,
      filesDone: counters.doneFiles,
      filesTotal,
      bytesDone,
      bytesTotal,
      percent: this.#complete ? this.#percent : undefined,
      etaMs: this.#eta,
      rate: this.#rate,
      elapsedMs,
    };
  }

  #smooth(bytesDone: number, elapsedMs: number): void {
    const passed = elapsedMs - (this.#lastMs ?? 0);
    if (passed <= 0) return;
    const fresh = ((bytesDone - this.#lastBytes) * 1000) / passed;
    // Young runs: the plain average. Later: old measures fade with time, however often we are asked.
    const weight = Math.max(
      1 - Math.exp(-passed / rateMemoryMs),
      this.#lastMs === undefined ? 1 : Math.min(1, passed / elapsedMs),
    );
    this.#rate += (fresh - this.#rate) * weight;
    this.#lastMs = elapsedMs;
    this.#lastBytes = bytesDone;
  }

  #proceed(done: number, total: number, elapsedMs: number): void {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    this.#percent = Math.max(this.#percent, Math.floor(share * 100));
    const measured = elapsedMs - this.#measuredSince;
    if (share >= 1) this.#eta = 0;
    else if (measured >= etaAfterMs || this.#eta !== undefined)
      this.#shortenEta(done, total, elapsedMs);
  }

  /** The slower of the run's average and its average since the scan ended: better late than early. */
  #shortenEta(done: number, total: number, elapsedMs: number): void {
    const overall = done / Math.max(1, elapsedMs);
    const since = (done - this.#workAtComplete) / Math.max(1, elapsedMs - this.#measuredSince);
    const speed = since > 0 ? Math.min(overall, since) : overall;
    if (speed <= 0) return;
    const left = (total - done) / speed;
    this.#eta = this.#eta === undefined ? left : Math.min(this.#eta, left);
  }
}
