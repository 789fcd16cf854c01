// What lies near the top of a tree, found by a few listings: enough to try a source with, and to see that it is at another state.

import { type ByteString, joinPath } from "../base/index.ts";
import type { ListedEntry, Source, SourceFile } from "./source.ts";
import { SourceError } from "./source-error.ts";

/** Directories that are looked at. Arbitrary: a second or two of round trips. */
const listingsMax = 24;

/** Lists some directories, those nearest to the top first. What cannot be listed is passed over; rejects only when the signal is aborted. */
export async function nearEntries(source: Source, signal: AbortSignal): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  const waiting: ByteString[] = [""];
  for (let count = 0; count < listingsMax; count++) {
    const path = waiting.shift();
    if (path === undefined) break;
    for (const entry of await entriesOf(source, path, signal)) {
      const below = joinPath(path, entry.name);
      found.push({ path: below, entry });
      if (entry.kind === "directory") waiting.push(below);
    }
  }
  return found;
}

/** Returns what a directory holds, sorted by name; nothing where it cannot be listed. */
export async function entriesOf(
  source: Source,
  path: ByteString,
  signal: AbortSignal,
): Promise<readonly ListedEntry[]> {
  try {
    const { entries } = await source.list(path, signal);
    return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof SourceError) return [];
    throw error;
  }
}
