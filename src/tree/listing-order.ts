// The order of a listing: everything that is not a directory by name bytes, then directories by
// the bytes of `name/` (reference: rsync's protocol 29+ sort; so "foo-bar/" comes before "foo/").

import type { Directory } from "./directory.ts";
import { typeDirectory, typeMask } from "./mode.ts";

const slash = 0x2f;

/**
 * Compares two names given as ranges of bytes; directories compare as if a slash followed.
 * Returns a negative number, 0 or a positive number. (Hot loop: plain parameters.)
 */
export function compareNames(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
  asDirectories: boolean,
): number {
  const shorter = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < shorter; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  if (aLength === bLength) return 0;
  if (!asDirectories) return aLength - bLength;
  if (aLength < bLength) return slash - (b[bStart + shorter] as number);
  return (a[aStart + shorter] as number) - slash;
}

/** Compares entry i of one listing with entry j of another by listing order. */
export function compareEntries(a: Directory, i: number, b: Directory, j: number): number {
  const aIsDirectory = ((a.mode[i] as number) & typeMask) === typeDirectory;
  const bIsDirectory = ((b.mode[j] as number) & typeMask) === typeDirectory;
  if (aIsDirectory !== bIsDirectory) return aIsDirectory ? 1 : -1;
  return compareNames(
    a.names,
    a.nameStart[i] as number,
    a.nameLength[i] as number,
    b.names,
    b.nameStart[j] as number,
    b.nameLength[j] as number,
    aIsDirectory,
  );
}

/**
 * Puts a listing into listing order. With `namesOnly` just the name and type columns move, which is all
 * that a listing has before its entries are read; otherwise every column does.
 * Listings that come sorted, or sorted backwards as tmpfs gives them, cost one pass.
 * Returns true when some entry stands there twice (see dropTwins).
 */
export function sortListing(listing: Directory, namesOnly: boolean): boolean {
  const { count } = listing;
  const run = monotonicRun(listing);
  if (run === 1) return false;
  let hasTwins = false;
  if (run === -1 && namesOnly) {
    for (const column of [listing.nameStart, listing.nameLength, listing.mode, listing.origin]) {
      column.subarray(0, count).reverse();
    }
    return false;
  }
  const order = new Uint32Array(count);
  if (run === -1) {
    for (let i = 0; i < count; i++) order[i] = count - 1 - i;
  } else {
    const indices = Array.from({ length: count }, (_, i) => i);
    indices.sort((i, j) => {
      const difference = compareEntries(listing, i, listing, j);
      if (difference === 0) hasTwins = true;
      return difference;
    });
    order.set(indices);
  }
  if (!namesOnly) {
    listing.select(order);
    return hasTwins;
  }
  permute(listing.nameStart, order);
  permute(listing.nameLength, order);
  permute(listing.mode, order);
  permute(listing.origin, order);
  return hasTwins;
}

/** Returns 1 for an ascending listing, -1 for a descending one, 0 for anything else; no entry may stand there twice. */
function monotonicRun(listing: Directory): number {
  const { count } = listing;
  if (count < 2) return 1;
  const direction = Math.sign(-compareEntries(listing, 0, listing, 1));
  for (let i = 2; i < count && direction !== 0; i++) {
    if (Math.sign(-compareEntries(listing, i - 1, listing, i)) !== direction) return 0;
  }
  return direction;
}

/**
 * Leaves one of entries that a sorted listing has twice. File systems may tell a name again when somebody renames entries
 * while they are listed (readdir(3) leaves that open), and the second one would match nothing.
 */
export function dropTwins(listing: Directory): void {
  const kept = new Uint32Array(listing.count);
  let count = 0;
  for (let i = 0; i < listing.count; i++) {
    const last = kept[count - 1];
    if (last === undefined || compareEntries(listing, last, listing, i) !== 0) kept[count++] = i;
  }
  listing.select(kept.subarray(0, count));
}

/** Returns the index of the first directory of a listing in its order: they stand last. */
export function firstDirectory(listing: Directory): number {
  let first = listing.count;
  while (first > 0 && listing.isDirectory(first - 1)) first--;
  return first;
}

/** Says whether the directories of the listing are its entries from `first` on, and no others. */
export function standsApart(listing: Directory, first: number): boolean {
  const { mode, count } = listing;
  for (let i = 0; i < count; i++) {
    if ((((mode[i] as number) & typeMask) === typeDirectory) !== i >= first) return false;
  }
  return true;
}

function permute(column: Uint32Array | Uint8Array, order: Uint32Array): void {
  const old = column.slice(0, order.length);
  for (let i = 0; i < order.length; i++) column[i] = old[order[i] as number] as number;
}

/**
 * Finds for every entry of `source` the entry of `target` with the same name, whatever its type.
 * Both must be in listing order. Writes indices (or -1) into `match` and marks matched target
 * entries with 1 in `taken`; both arrays are the caller's and long enough.
 */
export function matchEntries(
  source: Directory,
  target: Directory,
  match: Int32Array,
  taken: Uint8Array,
): void {
  taken.fill(0, 0, target.count);
  let j = 0;
  let unmatched = 0;
  for (let i = 0; i < source.count; i++) {
    let order = 1;
    while (j < target.count) {
      order = compareEntries(target, j, source, i);
      if (order >= 0) break;
      j++;
    }
    if (j < target.count && order === 0) {
      match[i] = j;
      taken[j] = 1;
      j++;
    } else {
      match[i] = -1;
      unmatched++;
    }
  }
  if (unmatched > 0) matchAcrossTypes(source, target, match, taken);
}

/** A name can be a directory on one side only; then the two stand in different halves of the order. */
function matchAcrossTypes(
  source: Directory,
  target: Directory,
  match: Int32Array,
  taken: Uint8Array,
): void {
  const leftOver = new Map<string, number>();
  for (let j = 0; j < target.count; j++) if (taken[j] === 0) leftOver.set(target.name(j), j);
  if (leftOver.size === 0) return;
  for (let i = 0; i < source.count; i++) {
    if (match[i] !== -1) continue;
    const j = leftOver.get(source.name(i));
    if (j === undefined) continue;
    match[i] = j;
    taken[j] = 1;
  }
}
