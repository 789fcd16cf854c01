// rsync's progress displays on the screen: lines under each file's name (--progress), or one line
// for the whole run (--info=progress2).

import type { ByteString, Clock } from "../../base/index.ts";
import type { Counters, FileProgressEvent } from "../../tree/index.ts";
import type { RunState, RunSummary } from "./run-info.ts";
import type { Screen } from "./screen.ts";
import { createdEntries, scannedEntries } from "./stats-text.ts";
import { type CheckCounts, TransferProgress } from "./transfer-progress.ts";

/** What the displays share. */
export interface ProgressPlaces {
  readonly screen: Screen;
  readonly clock: Clock;
  /** Level of number formatting. */
  readonly numbers: number;
}

/** Progress of each file. */
export class FileProgressLines {
  readonly #places: ProgressPlaces;
  readonly #announce: (path: ByteString) => void;
  readonly #progress: TransferProgress;
  #transferred = 0;
  #latest: { readonly counters: Counters; readonly scanComplete: boolean } | undefined;

  constructor(places: ProgressPlaces, announce: (path: ByteString) => void) {
    this.#places = places;
    this.#announce = announce;
    this.#progress = new TransferProgress(places.numbers);
  }

  /** Shows how far a file is. */
  event(event: FileProgressEvent): void {
    const { screen, clock } = this.#places;
    this.#announce(event.path);
    const now = clock.now();
    // A small file's only news is its end; rsync shows its data once before.
    const isShown = !event.finished || (this.#progress.isFresh && event.size > 0);
    const line = isShown ? this.#progress.advance(event.done, event.size, now) : undefined;
    if (line !== undefined) screen.progress(line, true);
    if (!event.finished) return;
    this.#transferred++;
    const counts = this.#counts(event);
    screen.progress(`${this.#progress.finish(event.done, event.size, now, counts)}\n`, false);
    this.#progress.reset();
  }

  #counts({ toCheck, total, scanComplete }: FileProgressEvent): CheckCounts {
    const transferred = this.#transferred;
    if (toCheck === undefined || total === undefined) return checkCounts(this.#latest, transferred);
    return { transferred, toCheck, total, scanComplete: scanComplete ?? false };
  }

  /** Remembers how far the run is. */
  tick(counters: Counters, state: RunState): void {
    this.#latest = { counters, scanComplete: state.scanComplete };
  }
}

/** Progress of the whole run on one line. */
export class WholeRunProgress {
  readonly #places: ProgressPlaces;
  readonly #progress: TransferProgress;
  #transferred = 0;
  #tailLength = 0;

  constructor(places: ProgressPlaces) {
    this.#places = places;
    this.#progress = new TransferProgress(places.numbers);
  }

  /** Shows how far the run is; when files ended since, with their number. */
  tick(counters: Counters, state: RunState): void {
    const { screen, clock } = this.#places;
    const done = Math.max(counters.doneBytes, counters.transferredSize);
    const line = this.#progress.advance(done, counters.totalSize, clock.now());
    if (line === undefined) return;
    if (counters.transferredFiles > this.#transferred) this.#finished(counters, state.scanComplete);
    else screen.progress(line, true);
  }

  /** Shows the last state. */
  finish(summary: RunSummary): void {
    if (this.#progress.isFresh && summary.counters.transferredFiles === 0) return;
    this.#finished(summary.counters, true);
  }

  #finished(counters: Counters, scanComplete: boolean): void {
    const { screen, clock } = this.#places;
    this.#transferred = counters.transferredFiles;
    const counts = checkCounts({ counters, scanComplete }, this.#transferred);
    const done = Math.max(counters.doneBytes, counters.transferredSize);
    const line = this.#progress.finish(done, counters.totalSize, clock.now(), counts);
    // A shorter line must cover the longer one before it.
    this.#tailLength = Math.max(this.#tailLength, line.length);
    screen.progress(line.padEnd(this.#tailLength), true);
  }
}

function checkCounts(
  latest: { readonly counters: Counters; readonly scanComplete: boolean } | undefined,
  transferred: number,
): CheckCounts {
  if (latest === undefined) return { transferred, toCheck: 0, total: 0, scanComplete: false };
  const { counters, scanComplete } = latest;
  const total = scannedEntries(counters);
  const { changed, moved, copied, linked, unchanged, failed } = counters;
  const checked = createdEntries(counters) + changed + moved + copied + linked + unchanged + failed;
  return { transferred, toCheck: Math.max(0, total - checked), total, scanComplete };
}
