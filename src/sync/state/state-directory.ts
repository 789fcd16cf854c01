// manifold's own directory on a target, DEST/.manifold (promise P2), and what lies in it: one
// staging directory for each run (the same name also at the top of mounts below DEST), and
// `partial` with files that were interrupted. Directories of runs that died are swept by the next.

import { type ByteString, fromBytes, toBytes } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, omitTime, Stat } from "../../fs/index.ts";
import { Directory, isDirectory, stateDirectory } from "../../tree/index.ts";
import { isGone, type OwnerRecord, parseOwner } from "./owner-record.ts";

const stat = new Stat();

/** Another run may remove the empty directory between our making and opening it. */
const attemptsMax = 100;

/** Where it keeps files that were interrupted. */
export const partialDirectory = "partial";

/** Opens DEST/.manifold; with `make`, makes it if missing. Throws FsError. */
export function openState(fs: FileSystem, root: DirHandle, make: boolean): DirHandle {
  for (let attempt = 1; ; attempt++) {
    if (make) makeIfMissing(fs, root, stateDirectory);
    try {
      return fs.openDirectory(root, stateDirectory);
    } catch (error) {
      if (!make || !isAbsence(error) || attempt === attemptsMax) throw error;
    }
  }
}

/** Opens the staging directory of a run below `root`, made if missing. Throws FsError. */
export function openJob(fs: FileSystem, root: DirHandle, job: ByteString): DirHandle {
  for (let attempt = 1; ; attempt++) {
    const state = openState(fs, root, true);
    try {
      makeIfMissing(fs, state, job);
      return fs.openDirectory(state, job);
    } catch (error) {
      if (!isAbsence(error) || attempt === attemptsMax) throw error;
    } finally {
      fs.closeDirectory(state);
    }
  }
}

/** Opens the directory that --temp-dir names, which is relative to the target. Throws FsError. */
export function openTempDir(fs: FileSystem, root: DirHandle, path: ByteString): DirHandle {
  return path.startsWith("/")
    ? fs.openRoot(path, "bounded")
    : fs.openDirectory(root, path, "bounded");
}

/** Remembers in the job that a mount below the target has a staging directory, too; before it is made. */
export function noteMount(
  fs: FileSystem,
  root: DirHandle,
  job: ByteString,
  mount: ByteString,
  lane: number,
): void {
  const stage = openJob(fs, root, job);
  try {
    for (let number = 0; ; number++) {
      try {
        const file = fs.createFile(stage, `mount-${lane}-${number}`, 0o600);
        const bytes = toBytes(mount);
        fs.write(file, bytes, 0, bytes.length, 0);
        fs.closeFile(file);
        return;
      } catch (error) {
        if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
      }
    }
  } finally {
    fs.closeDirectory(stage);
  }
}

/** Removes the staging directory of a run with all it has, on every mount, and .manifold when it is empty. Throws FsError. */
export function removeJob(fs: FileSystem, root: DirHandle, job: ByteString): void {
  const state = openIfThere(fs, root, stateDirectory);
  if (state === undefined) return;
  try {
    for (const mount of mountsOf(fs, state, job)) removeJobOn(fs, root, mount, job);
    removeTree(fs, state, job);
    removeIfEmpty(fs, state, partialDirectory);
  } finally {
    fs.closeDirectory(state);
  }
  removeIfEmpty(fs, root, stateDirectory);
}

/** Removes a file of the state directory, if it is there. Throws FsError. */
export function removeStateFile(fs: FileSystem, root: DirHandle, name: ByteString): void {
  const state = openIfThere(fs, root, stateDirectory);
  if (state === undefined) return;
  try {
    fs.unlink(state, name);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
  } finally {
    fs.closeDirectory(state);
  }
}

/** What sweeping did. */
export interface Swept {
  /** There is a state directory: whoever is the last to use it removes it. */
  readonly any: boolean;
  /** Why something is still there. */
  readonly failed: FsError | undefined;
}

/**
 * Removes what runs left that are certainly over; `save` may take something out of it before. What cannot be removed
 * stays, and keeps nobody from working.
 */
export function sweepAbandoned(
  fs: FileSystem,
  root: DirHandle,
  self: OwnerRecord,
  save?: (job: ByteString) => void,
): Swept {
  let any = false;
  let failed: FsError | undefined;
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      failed ??= error;
    }
  };
  const listing = new Directory();
  attempt(() => {
    any = listState(fs, root, listing);
  });
  for (let i = 0; i < listing.count; i++) {
    const owner = parseOwner(listing.name(i));
    if (owner === undefined || !isGone(fs, owner, self)) continue;
    if (save !== undefined) attempt(() => save(listing.name(i)));
    attempt(() => removeJob(fs, root, listing.name(i)));
  }
  return { any, failed };
}

/** Reads the names of what is in the state directory; false = there is none. Throws FsError. */
export function listState(fs: FileSystem, root: DirHandle, into: Directory): boolean {
  const state = openIfThere(fs, root, stateDirectory);
  if (state === undefined) return false;
  try {
    fs.readNames(state, into);
    return true;
  } finally {
    fs.closeDirectory(state);
  }
}

function removeJobOn(fs: FileSystem, root: DirHandle, mount: ByteString, job: ByteString): void {
  const top = openIfThere(fs, root, mount);
  if (top === undefined) return;
  try {
    const was = new Stat();
    fs.statDirectory(top, was);
    removeJob(fs, top, job);
    keepTimes(fs, top, was);
  } finally {
    fs.closeDirectory(top);
  }
}

/** Gives a directory back its times: the run has set them already; whose it is not, and who may only write to it, cannot. */
export function keepTimes(fs: FileSystem, dir: DirHandle, { mtime, mtimeNanos }: Stat): void {
  try {
    fs.setDirectoryTimes(dir, 0, omitTime, mtime, mtimeNanos);
  } catch (error) {
    // A time is not worth that anything stays.
    if (!(error instanceof FsError)) throw error;
  }
}

/** Reads what noteMount() wrote. */
function mountsOf(fs: FileSystem, state: DirHandle, job: ByteString): ByteString[] {
  const stage = openIfThere(fs, state, job);
  if (stage === undefined) return [];
  const mounts: ByteString[] = [];
  try {
    const listing = new Directory();
    fs.readNames(stage, listing);
    for (let i = 0; i < listing.count; i++) {
      if (!listing.name(i).startsWith("mount-")) continue;
      const file = fs.openRead(stage, listing.name(i));
      try {
        const bytes = new Uint8Array(8192);
        const length = fs.read(file, bytes, 0, bytes.length, 0);
        if (length > 0) mounts.push(fromBytes(bytes, 0, length));
      } finally {
        fs.closeFile(file);
      }
    }
  } finally {
    fs.closeDirectory(stage);
  }
  return mounts;
}

/** Removes an entry of our own with everything below; nobody is asked and nothing is counted. Absence is fine. */
export function removeTree(fs: FileSystem, parent: DirHandle, name: ByteString): void {
  if (!fs.stat(parent, name, stat)) return;
  if (!isDirectory(stat.mode)) {
    ignoringAbsence(() => fs.unlink(parent, name));
    return;
  }
  const dir = openToRemove(fs, parent, name);
  if (dir === undefined) return;
  try {
    const listing = new Directory();
    fs.readNames(dir, listing);
    for (let i = 0; i < listing.count; i++) removeTree(fs, dir, listing.name(i));
  } finally {
    fs.closeDirectory(dir);
  }
  ignoringAbsence(() => fs.removeDirectory(parent, name));
}

/** Opens a directory to empty it, after giving its owner the right to if need be. */
function openToRemove(fs: FileSystem, parent: DirHandle, name: ByteString): DirHandle | undefined {
  if ((stat.mode & 0o700) !== 0o700) {
    try {
      fs.setMode(parent, name, 0o700);
    } catch (error) {
      // Whoever may not do that may do the rest all the same, or its failure says why not.
      if (!(error instanceof FsError)) throw error;
    }
  }
  return openIfThere(fs, parent, name);
}

/** Removes a directory of ours, unless there is something in it. Throws FsError. */
export function removeIfEmpty(fs: FileSystem, parent: DirHandle, name: ByteString): void {
  try {
    fs.removeDirectory(parent, name);
  } catch (error) {
    const isFine =
      error instanceof FsError && ["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code);
    if (!isFine) throw error;
  }
}

/** Opens a directory; undefined = there is none. Throws FsError. */
export function openIfThere(
  fs: FileSystem,
  dir: DirHandle,
  path: ByteString,
): DirHandle | undefined {
  try {
    return fs.openDirectory(dir, path);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return undefined;
  }
}

/** Makes a directory of ours; that it is there is fine. Throws FsError. */
export function makeIfMissing(fs: FileSystem, dir: DirHandle, name: ByteString): void {
  try {
    fs.makeDirectory(dir, name, 0o700);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
  }
}

function ignoringAbsence(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof FsError && error.code === "ENOENT";
}
