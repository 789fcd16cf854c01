// The folders in which processes that work together at one target keep what they share: .manifold/coop-ID.NUMBER. ID says what the
// job is, NUMBER which time it is done: the highest counts, and a folder in which the job is done is not entered any more.
// In it lies one file of each process, named after it, so that everybody can see who is gone.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { Directory, stateDirectory } from "../../tree/index.ts";
import { isGone, type OwnerRecord, parseOwner } from "./owner-record.ts";
import { keepTimes, openIfThere, removeIfEmpty, removeTree } from "./state-directory.ts";

const folderForm = /^coop-([0-9a-f]{16})\.(\d{1,9})$/;
/** Files of processes are named so, with the owner's record behind it. */
export const logPrefix = "log.";
/** Says that the job is done, and how. */
export const doneName = "done";

/** Returns the name of a job's folder. */
export function jobFolderName(id: string, number: number): ByteString {
  return `coop-${id}.${number}`;
}

/** Returns the number of a job's folder by its name; undefined = it is none of that job. */
export function jobFolderNumber(name: ByteString, id: string): number | undefined {
  const [, of, number] = folderForm.exec(name) ?? [];
  return of === id ? Number(number) : undefined;
}

/** Returns names in a folder. Throws FsError. */
export function namesIn(fs: FileSystem, dir: DirHandle): ByteString[] {
  const listing = new Directory();
  fs.readNames(dir, listing);
  return Array.from({ length: listing.count }, (_, i) => listing.name(i));
}

/** Returns the owners of the processes that have, or had, a file in a job's folder. Throws FsError. */
export function membersIn(fs: FileSystem, dir: DirHandle): ByteString[] {
  const logs = namesIn(fs, dir).filter((name) => name.startsWith(logPrefix));
  return logs.map((name) => name.slice(logPrefix.length));
}

/** Removes the folders of jobs whose processes are certainly all gone. Returns why something is still there. */
export function sweepJobFolders(
  fs: FileSystem,
  root: DirHandle,
  self: OwnerRecord,
): FsError | undefined {
  try {
    const state = openIfThere(fs, root, stateDirectory);
    if (state === undefined) return undefined;
    try {
      for (const name of namesIn(fs, state)) {
        if (folderForm.test(name) && isAbandoned(fs, state, name, self))
          removeTree(fs, state, name);
      }
      return undefined;
    } finally {
      fs.closeDirectory(state);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return isInTheWay(error) ? undefined : error;
  }
}

function isAbandoned(
  fs: FileSystem,
  state: DirHandle,
  name: ByteString,
  self: OwnerRecord,
): boolean {
  const folder = openIfThere(fs, state, name);
  if (folder === undefined) return false;
  try {
    return membersIn(fs, folder).every((member) => {
      const owner = parseOwner(member);
      return owner !== undefined && isGone(fs, owner, self);
    });
  } finally {
    fs.closeDirectory(folder);
  }
}

/** Removes a job's folder, and .manifold if it is empty then; the target's times stay what they are. Throws FsError. */
export function removeJobFolder(fs: FileSystem, root: DirHandle, name: ByteString): void {
  const state = openIfThere(fs, root, stateDirectory);
  if (state === undefined) return;
  const was = new Stat();
  fs.statDirectory(root, was);
  try {
    removeTree(fs, state, name);
  } catch (error) {
    // Somebody else who removes it, or is late and writes once more, is in the way: whoever comes last is through.
    if (!(error instanceof FsError) || !isInTheWay(error)) throw error;
  } finally {
    fs.closeDirectory(state);
  }
  removeIfEmpty(fs, root, stateDirectory);
  keepTimes(fs, root, was);
}

function isInTheWay({ code }: FsError): boolean {
  return code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOENT";
}
