// What runs that are over have left of files that were on their way over a line: in .manifold/partial, from
// where the next run goes on. A run that was killed could not move it there; the next one does.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { unfinishedPrefix } from "../../pipeline/index.ts";
import { Directory, stateDirectory } from "../../tree/index.ts";
import { makeIfMissing, openIfThere, partialDirectory } from "./state-directory.ts";

const place = `${stateDirectory}/${partialDirectory}`;

/** A file in .manifold/partial, and when it was last touched. */
export interface LeftFile {
  readonly name: ByteString;
  readonly changed: string;
}

/** Moves what the killed run `job` was writing to where unfinished files wait. Throws FsError. */
export function adoptUnfinished(fs: FileSystem, root: DirHandle, job: ByteString): void {
  const state = openIfThere(fs, root, stateDirectory);
  const from = state === undefined ? undefined : openIfThere(fs, state, job);
  let to: DirHandle | undefined;
  try {
    if (state === undefined || from === undefined) return;
    const listing = new Directory();
    fs.readNames(from, listing);
    for (let i = 0; i < listing.count; i++) {
      const name = waitingName(listing.name(i));
      if (name === undefined) continue;
      makeIfMissing(fs, state, partialDirectory);
      to ??= fs.openDirectory(state, partialDirectory);
      fs.rename(from, listing.name(i), to, name);
    }
  } finally {
    for (const dir of [state, from, to]) if (dir !== undefined) fs.closeDirectory(dir);
  }
}

/** The name under which what was staged as `name` waits for the next run; undefined = it is of no use for that. */
function waitingName(name: ByteString): ByteString | undefined {
  if (!name.startsWith(unfinishedPrefix)) return undefined;
  const [waiting] = name.slice(unfinishedPrefix.length).split(".");
  return waiting || undefined;
}

/** Returns what waits there; undefined = there is no such directory. */
export function listUnfinished(fs: FileSystem, root: DirHandle): LeftFile[] | undefined {
  try {
    const dir = openIfThere(fs, root, place);
    if (dir === undefined) return undefined;
    try {
      return filesOf(fs, dir);
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    // Somebody else's, whose unfinished files are not for us.
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Removes those of these files that nobody has touched since they were listed. Throws FsError. */
export function removeUnfinished(
  fs: FileSystem,
  root: DirHandle,
  files: readonly LeftFile[],
): void {
  const dir = files.length === 0 ? undefined : openIfThere(fs, root, place);
  if (dir === undefined) return;
  try {
    const now = new Map(filesOf(fs, dir).map(({ name, changed }) => [name, changed]));
    for (const { name, changed } of files) {
      if (now.get(name) === changed) fs.unlink(dir, name);
    }
  } finally {
    fs.closeDirectory(dir);
  }
}

const stat = new Stat();

function filesOf(fs: FileSystem, dir: DirHandle): LeftFile[] {
  const listing = new Directory();
  fs.readNames(dir, listing);
  const files: LeftFile[] = [];
  for (let i = 0; i < listing.count; i++) {
    const name = listing.name(i);
    if (!fs.stat(dir, name, stat)) continue;
    const { inoHigh, inoLow, ctime, ctimeNanos } = stat;
    files.push({ name, changed: `${inoHigh} ${inoLow} ${ctime} ${ctimeNanos}` });
  }
  return files;
}
