// Whether a file that was found again is the one that was listed: by its size and time, as nothing else is known of it.

import { type ListedEntry, SourceError } from "../../source/index.ts";

/** Says why a file is not what it was listed as; undefined = it is. `timeStep`: seconds to which its time is known, 0 = exactly. */
export function notAsListed(
  found: ListedEntry,
  entry: Partial<ListedEntry>,
  timeStep: number,
): SourceError | undefined {
  if (entry.size !== undefined && found.size !== entry.size) {
    return new SourceError("changed", "A file is not as long as was listed");
  }
  if (entry.mtime === undefined) return undefined;
  const isSame = found.mtime === entry.mtime && found.mtimeNanos === (entry.mtimeNanos ?? 0);
  const listed = entry.mtime + (entry.mtimeNanos ?? 0) / 1e9;
  const own = (found.mtime ?? 0) + (found.mtimeNanos ?? 0) / 1e9;
  if (isSame || Math.abs(own - listed) < timeStep + (entry.mtimeSlack ?? 0)) return undefined;
  return new SourceError("changed", "A file is of another time than was listed");
}
