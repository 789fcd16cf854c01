// How likely a file that is there is the former self of a wanted one, as a number: the higher goes first. Pure.
// The weights are a guess: they decide which of several files is looked at first, and bench/renames.ts shows what of
// a real restructuring they find.

import type { DirectoryVotes } from "./directory-votes.ts";
import type { FoundFiles } from "./found-files.ts";
import type { WantedFiles } from "./wanted-files.ts";
import type { WantedTraits } from "./wanted-traits.ts";

/** Above all others together. */
const sameTimeWeight = 1000;
const sameNameWeight = 16;
const sameStemWeight = 6;
const sameExtensionWeight = 2;
const sameDirectoryWeight = 6;
const votedDirectoryWeight = 8;
const sameBaseWeight = 4;
const siblingWeight = 2;

/** Says whether two times are the same at the coarser granularity of the two. */
export function isSameMoment(
  wanted: WantedFiles,
  i: number,
  mtime: number,
  mtimeNanos: number,
): boolean {
  if (wanted.mtime[i] !== mtime) return false;
  const nanos = wanted.mtimeNanos[i] as number;
  return nanos === mtimeNanos || nanos === 0 || mtimeNanos === 0;
}

/** Returns how likely found file `h` is wanted file `i`, whose traits are given. */
export function likelihood(
  wanted: WantedFiles,
  i: number,
  traits: WantedTraits,
  found: FoundFiles,
  h: number,
  votes: DirectoryVotes,
): number {
  const { name, directory } = traits;
  let sum = 0;
  const isSameSize = found.size[h] === wanted.size[i];
  const [mtime, nanos] = [found.mtime[h] as number, found.mtimeNanos[h] as number];
  if (isSameSize && isSameMoment(wanted, i, mtime, nanos)) sum += sameTimeWeight;
  if (found.name[h] === name.name) sum += sameNameWeight;
  else {
    if (found.stem[h] === name.stem) sum += sameStemWeight;
    if (found.extension[h] === name.extension) sum += sameExtensionWeight;
  }
  const path = found.path[h] as number;
  if (path === directory.path) sum += sameDirectoryWeight;
  else {
    if (found.base[h] === directory.base) sum += sameBaseWeight;
    if (found.parent[h] === directory.parent) sum += siblingWeight;
  }
  return sum + votedDirectoryWeight * votes.share(wanted.directory[i] as number, path);
}
