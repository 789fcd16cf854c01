// Old contents that other files may still be made of: what is replaced or removed while somebody looks for
// renamed files stays in the staging directory, under a name that follows from its path, so that no order of updates
// can lose it. It goes with the staging directory.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import type { HeldContents, ReceiveContext } from "./context.ts";
import type { Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();

/**
 * Gives a staged entry that is about to change places with a file of the target the name under which that is to be
 * found afterwards. Undefined = the old file need not be kept, and nothing was done. Throws FsError.
 */
export function toHeldName(
  { fs, held, staging }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  { listing, index }: { readonly listing: Directory; readonly index: number },
): Staged | undefined {
  if (held === undefined || !isRegular(listing.mode[index] as number)) return undefined;
  const size = listing.size[index] as number;
  // An unfinished file of an earlier run does not lie where this one cleans up.
  if (size === 0 || staging.open(staged.mount) !== staged.dir || !held.takes(size)) {
    return undefined;
  }
  const kept = { ...staged, name: held.nameOf(place.path, name) };
  fs.rename(staged.dir, staged.name, kept.dir, kept.name);
  return kept;
}

/** Moves what a staged entry has changed places with to where it can be found; false = it need not be kept. */
export function holdReplaced(
  { fs, held, staging }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  was: Stat,
): boolean {
  if (held === undefined || !isRegular(was.mode) || was.size === 0) return false;
  if (staged.dir === place.dir || !held.takes(was.size)) return false;
  const { dir } = staging.place(place, name);
  return isKept(fs, "rename", staged, { dir, name: held.nameOf(place.path, name) });
}

/** Keeps a file that is about to be replaced by a name of its own, where two names cannot change places. `was` tells of it. */
export function holdStanding(
  { fs, held, staging }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  was: Stat,
): void {
  if (held === undefined || !isRegular(was.mode) || was.size === 0 || !held.takes(was.size)) return;
  const from = { dir: place.dir, name };
  const to = held.nameOf(place.path, name);
  const isHeld = isKept(fs, "link", from, { dir: staging.place(place, name).dir, name: to });
  if (!isHeld) isKept(fs, "link", from, { dir: staging.near(place, name).dir, name: to });
}

function isKept(fs: FileSystem, how: "link" | "rename", from: NamedPlace, to: NamedPlace): boolean {
  try {
    fs[how](from.dir, from.name, to.dir, to.name);
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

type NamedPlace = Pick<Staged, "dir" | "name">;

/**
 * Keeps a file that is about to be removed where it can be found, by a link if it has a way of its own; false = it
 * is not kept.
 */
export function holdRemoved(
  { fs, held, staging }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  how: "link" | "rename",
): boolean {
  if (held === undefined || !fs.stat(place.dir, name, stat)) return false;
  if (!isRegular(stat.mode) || stat.size === 0 || !held.takes(stat.size)) return false;
  const to = held.nameOf(place.path, name);
  const from = { dir: place.dir, name };
  const isHeld =
    isKept(fs, how, from, { dir: staging.place(place, name).dir, name: to }) ||
    isKept(fs, how, from, { dir: staging.near(place, name).dir, name: to });
  if (isHeld) held.removed(place.path, name, stat);
  return isHeld;
}

/** Tells in a dry run that a file would be removed. */
export function noteRemoved(
  { fs, held }: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
): void {
  if (held === undefined || !fs.stat(place.dir, name, stat)) return;
  if (isRegular(stat.mode)) held.removed(place.path, name, stat);
}

/** Opens an old content that is held: of the file that was `name` in `place`. Undefined = it is not. */
export function findHeld(
  { fs, staging }: ReceiveContext,
  held: HeldContents,
  place: TargetPlace,
  name: ByteString,
): { readonly dir: DirHandle; readonly name: ByteString } | undefined {
  const at = held.nameOf(place.path, name);
  for (const find of [staging.place, staging.near]) {
    const { dir } = find(place, name);
    if (fs.stat(dir, at, stat)) return { dir, name: at };
  }
  return undefined;
}
