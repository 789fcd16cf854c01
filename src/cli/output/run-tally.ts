// Each end's part in a run, for the summary of --json: what was read from each source, and what went to
// the target.

import type { ByteString } from "../../base/index.ts";
import { type Counters, change, type ProgressEvent } from "../../tree/index.ts";
import type { SourceSummary, TargetSummary } from "./run-info.ts";

/** A source's part, as it grows. */
interface Row {
  bytes: number;
  files: number;
  errors: number;
}

/** Counts by source. */
export class RunTally {
  /** How messages name the source roots of the run: as written, with a slash at the end, or "". */
  readonly #labels: readonly ByteString[];
  readonly #rows = new Map<ByteString, Row>();
  readonly #dryRun: boolean;

  /** `labels` are those of the run's source roots, in their order; several may have the same. */
  constructor(labels: readonly ByteString[], dryRun: boolean) {
    this.#labels = labels;
    this.#dryRun = dryRun;
    for (const label of labels) this.#rows.set(label, { bytes: 0, files: 0, errors: 0 });
  }

  /** Something happened. */
  event(event: ProgressEvent): void {
    if (event.type === "item" && event.changes & change.transfer) {
      const row = this.#rows.get(this.#labels[event.source ?? 0] ?? "");
      if (row === undefined) return;
      row.files++;
      if (!this.#dryRun) row.bytes += event.literal;
    } else if (event.type === "problem" && event.role === "source") {
      const row = this.#rowOf(event.path);
      if (row !== undefined) row.errors++;
    }
  }

  /** The sources' parts; the only argument is told as it was written. */
  summaries(written: readonly ByteString[]): SourceSummary[] {
    const only = written.length === 1 ? written[0] : undefined;
    return [...this.#rows].map(([label, row]) => ({ url: only ?? (label || "."), ...row }));
  }

  /** The row with the longest label that the path begins with. */
  #rowOf(path: ByteString): Row | undefined {
    const labels = [...this.#rows.keys()].filter((label) => path.startsWith(label));
    labels.sort((a, b) => b.length - a.length);
    return this.#rows.get(labels[0] ?? "");
  }
}

/** Returns the target's part; undefined target = there is none. */
export function targetSummaries(
  target: ByteString | undefined,
  exit: number,
  { literal, matched }: Counters,
): TargetSummary[] {
  return target === undefined ? [] : [{ name: target, ok: exit === 0, bytes: literal + matched }];
}
