// --fuzzy: which file of a directory is most likely a former version of a new one. First any of the
// same size and time, then the one whose name is nearest by rsync's measure: an edit distance in
// units of 65536, plus the differences of the letters, the part after the last meaningful dot
// counting eleven times in all. Pure.

import type { ByteString } from "../../base/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";

const unit = 0x10000;
/** Names further apart than this are strangers. */
const distanceMax = 25 * unit;
/** Said of names whose lengths alone make them strangers; nothing is added to it. */
const tooFar = 0xffff * unit + 1;
const tooFarToWeigh = 0xffff0000;
const suffixWeight = 10;

/** A file that is looked for. */
export interface FuzzyWanted {
  readonly name: ByteString;
  readonly size: number;
  /** Seconds. */
  readonly mtime: number;
}

/** Where a search may look, and who hears of it. */
export interface FuzzySearch {
  /** Listings of the target directory and, with -yy, of its likenesses in the basis directories. */
  readonly listings: readonly (Directory | undefined)[];
  /** Says whether entry `index` of a listing may be used. */
  readonly mayUse: (listing: number, index: number) => boolean;
  readonly sameTime: (a: number, b: number) => boolean;
  /** Hears which file has the same size and time. */
  readonly matched: (listing: number, index: number) => void;
  /** Hears how far a name is from the wanted one, in units of 65536; undefined = nobody listens. */
  readonly measured: ((listing: number, index: number, distance: number) => void) | undefined;
}

/** A file that was found. */
export interface FuzzyFound {
  readonly listing: number;
  readonly index: number;
}

/** Finds the likeliest former version, or undefined. */
export function findFuzzy(wanted: FuzzyWanted, search: FuzzySearch): FuzzyFound | undefined {
  return findSameSizeAndTime(wanted, search) ?? findNearestName(wanted, search);
}

function isCandidate(search: FuzzySearch, listing: Directory, at: number, index: number): boolean {
  return (
    isRegular(listing.mode[index] as number) &&
    listing.size[index] !== 0 &&
    search.mayUse(at, index)
  );
}

function findSameSizeAndTime(wanted: FuzzyWanted, search: FuzzySearch): FuzzyFound | undefined {
  for (let at = 0; at < search.listings.length; at++) {
    const listing = search.listings[at];
    if (listing === undefined) continue;
    for (let index = 0; index < listing.count; index++) {
      if (!isCandidate(search, listing, at, index)) continue;
      if (listing.size[index] !== wanted.size) continue;
      if (!search.sameTime(listing.mtime[index] as number, wanted.mtime)) continue;
      search.matched(at, index);
      return { listing: at, index };
    }
  }
  return undefined;
}

function findNearestName(wanted: FuzzyWanted, search: FuzzySearch): FuzzyFound | undefined {
  const suffix = significantSuffix(wanted.name);
  let lowest = distanceMax;
  let found: FuzzyFound | undefined;
  for (let at = 0; at < search.listings.length; at++) {
    const listing = search.listings[at];
    if (listing === undefined) continue;
    for (let index = 0; index < listing.count; index++) {
      if (!isCandidate(search, listing, at, index)) continue;
      const name = listing.name(index);
      let distance = nameDistance(name, wanted.name, lowest);
      if (distance < tooFarToWeigh) {
        distance += nameDistance(significantSuffix(name), suffix, tooFarToWeigh) * suffixWeight;
      }
      search.measured?.(at, index, distance);
      if (distance > lowest) continue;
      // Among equals the last one wins.
      lowest = distance;
      found = { listing: at, index };
    }
  }
  return found;
}

/**
 * Returns how far two names are apart: an edit distance of 65536 for each inserted, removed or changed byte, plus the
 * inserted or removed byte itself, or by how much a changed one differs. Gives up, with a number above any limit,
 * when the lengths alone make it more than `limit`.
 */
export function nameDistance(a: ByteString, b: ByteString, limit: number): number {
  if (Math.abs(a.length - b.length) * unit > limit) return tooFar;
  if (a === "" || b === "") return wholeDistance(a === "" ? b : a);
  const row = new Float64Array(b.length);
  for (let j = 0; j < b.length; j++) row[j] = (j + 1) * unit;
  for (let i = 0; i < a.length; i++) {
    const letter = a.charCodeAt(i);
    let diagonal = i * unit;
    let above = (i + 1) * unit;
    for (let j = 0; j < b.length; j++) {
      const left = row[j] as number;
      const other = b.charCodeAt(j);
      const changed = letter === other ? diagonal : diagonal + unit + Math.abs(letter - other);
      // Only the nearer neighbour is considered, as rsync does it.
      const skipped = left < above ? left + unit + letter : above + unit + other;
      above = Math.min(skipped, changed);
      row[j] = above;
      diagonal = left;
    }
  }
  return row[b.length - 1] as number;
}

/** The distance to nothing. Bytes count as C's signed char. */
function wholeDistance(name: ByteString): number {
  let sum = name.length * unit;
  for (let i = 0; i < name.length; i++) sum += (name.charCodeAt(i) << 24) >> 24;
  return sum;
}

/**
 * Returns the part of a name from its last dot on that tells its kind: not a backup's mark (".bak", ".old", ".orig",
 * "~", ".~1~"), and not digits as long as there is a part before them that is not.
 */
export function significantSuffix(name: ByteString): ByteString {
  let start = 0;
  while (name[start] === ".") start++;
  let end = name.length;
  const isTilde = end - start > 1 && name[end - 1] === "~";
  if (isTilde) end--;
  let best = "";
  while (end - start > 1) {
    const dot = name.lastIndexOf(".", end - 1);
    if (dot <= start) break;
    const part = name.slice(dot, end);
    end = dot;
    if (isBackupMark(part, name.slice(dot), isTilde)) continue;
    best = part;
    if (part.length === 1 || !/^[0-9]+$/.test(part.slice(1))) break;
  }
  return best;
}

function isBackupMark(part: ByteString, rest: ByteString, isTilde: boolean): boolean {
  if (part.length === 4 && (rest === ".bak" || rest === ".old")) return true;
  if (part.length === 5) return rest === ".orig";
  return part.length !== 4 && part.length > 2 && isTilde && /^\.~[0-9]/.test(part);
}
