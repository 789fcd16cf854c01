// Which sources may be asked for a file that the reference lists, and what they are told of it.

import type { ListedEntry } from "../source.ts";
import type { SourceError } from "../source-error.ts";
import type { Failure } from "./dealer.ts";
import type { PullSource } from "./pull-source.ts";

/** Says whether what comes of a file can be proven by the listing itself. */
export function isProven({ digest, pieces }: ListedEntry): boolean {
  return digest !== undefined || pieces !== undefined;
}

/** Returns the sources that may be asked, as bits. The first one is the reference. */
export function sourcesOf(entry: ListedEntry, sources: readonly PullSource[]): number {
  let mask = 0;
  for (const [number, { bringsContent, abilities }] of sources.entries()) {
    // Who does not know of times cannot say that it has the same file, unless that can be seen by its digest.
    const canAgree = number === 0 || isProven(entry) || abilities.timeStep !== undefined;
    if (bringsContent && canAgree) mask |= 1 << number;
  }
  return mask;
}

/** Returns the reference's entry for a mirror, which does not know its marks and may tell time less exactly. */
export function entryFor(
  entry: ListedEntry,
  sources: readonly PullSource[],
  { abilities }: PullSource,
): ListedEntry {
  const mtime = isProven(entry) ? undefined : entry.mtime;
  const mtimeSlack = (sources[0]?.abilities.timeStep ?? 0) + (abilities.timeStep ?? 0);
  return { ...entry, mtime, mtimeSlack, version: undefined };
}

/** Returns what a source's error is to the dealer. */
export function failureOf({ trouble, seconds }: SourceError): Failure {
  switch (trouble) {
    case "busy":
      return { kind: "busy", seconds };
    case "absent":
    case "changed":
    case "unreadable":
      return { kind: "absent" };
    default:
      return { kind: "connection" };
  }
}
