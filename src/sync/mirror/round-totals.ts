// What several walks of one run come to: what was done in each of them adds up, what there is was counted by the last one.

import type { SourceStatus } from "../../source/index.ts";
import type { CounterName, Counters } from "../../tree/index.ts";

/** What every walk finds anew. */
const found: readonly CounterName[] = [
  ...(["regular", "directories", "symlinks", "devices", "specials", "totalSize"] as const),
  // What failed may have been done since.
  ...(["unchanged", "failed", "problems", "conflicts"] as const),
];

/** Adds up; the last one is the latest. */
export function totalCounters(walks: readonly Counters[]): Counters {
  const total = { ...(walks[0] as Counters) };
  for (const walk of walks.slice(1)) {
    for (const name of Object.keys(total) as CounterName[]) {
      total[name] = found.includes(name) ? walk[name] : total[name] + walk[name];
    }
  }
  return total;
}

/** Adds what sources have done now to what they had done before; how they are doing is as of now. */
export function addStatus(
  before: readonly SourceStatus[],
  now: readonly SourceStatus[],
): SourceStatus[] {
  const sums = new Map(before.map((one) => [one.url, { ...one, rate: 0, connections: 0 }]));
  for (const one of now) {
    const known = sums.get(one.url);
    const bytes = one.bytes + (known?.bytes ?? 0);
    sums.set(one.url, {
      ...one,
      bytes,
      files: one.files + (known?.files ?? 0),
      errors: one.errors + (known?.errors ?? 0),
      unused: bytes > 0 ? undefined : one.unused,
    });
  }
  return [...sums.values()];
}
