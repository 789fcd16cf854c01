// The one name that no scan sees (promise P2): where manifold keeps staging and unfinished files.

import type { Directory } from "./directory.ts";

/** Name of manifold's own directory at the top of a target. */
export const stateDirectory = ".manifold";

/**
 * Drops manifold's own directory from the entries from `first` on, in any case of its letters: on some file systems
 * they are one name. With `namesOnly` just the columns that readNames fills are in use (Directory.select).
 */
export function hideState(listing: Directory, first: number, namesOnly: boolean): void {
  const { count, nameLength } = listing;
  for (let i = first; i < count; i++) {
    if (nameLength[i] !== stateDirectory.length || !isStateName(listing.name(i))) continue;
    const kept = new Uint32Array(count);
    let keptCount = 0;
    for (let k = 0; k < count; k++) {
      if (k < first || nameLength[k] !== stateDirectory.length || !isStateName(listing.name(k)))
        kept[keptCount++] = k;
    }
    listing.select(kept.subarray(0, keptCount), namesOnly);
    return;
  }
}

/** Says whether a name means manifold's own directory. */
export function isStateName(name: string): boolean {
  return name.toLowerCase() === stateDirectory;
}
