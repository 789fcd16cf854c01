// Old content that something has already taken the place of, and that the rest of a changeset still needs: it
// lies in the staging directory of the run, and outlives a run that was stopped in between.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileSystem } from "../../fs/index.ts";
import { Directory, stateDirectory } from "../../tree/index.ts";
import { isGone, type OwnerRecord, parseOwner } from "./owner-record.ts";
import { listState, openIfThere, openJob } from "./state-directory.ts";

/** Names in staging of old content that the rest of a changeset still needs begin so. */
export const keptPrefix = "kept.";

/** A run's place in the state directory, and what it keeps there: under names that begin with `prefix`. */
interface KeepingJob {
  readonly job: ByteString;
  readonly prefix: ByteString;
}

/** Takes over what runs that are certainly over have kept: whoever goes on needs it. Throws FsError. */
export function adoptKept(
  fs: FileSystem,
  root: DirHandle,
  self: OwnerRecord,
  { job, prefix }: KeepingJob,
): void {
  const jobs = new Directory();
  if (!listState(fs, root, jobs)) return;
  for (let i = 0; i < jobs.count; i++) {
    const owner = parseOwner(jobs.name(i));
    if (owner === undefined || !isGone(fs, owner, self)) continue;
    const from = openIfThere(fs, root, `${stateDirectory}/${jobs.name(i)}`);
    if (from === undefined) continue;
    try {
      const names = keptNames(fs, from, prefix);
      if (names.length === 0) continue;
      const stage = openJob(fs, root, job);
      try {
        for (const name of names) fs.rename(from, name, stage, name);
      } finally {
        fs.closeDirectory(stage);
      }
    } finally {
      fs.closeDirectory(from);
    }
  }
}

/** Says whether a run has kept something. Throws FsError. */
export function hasKept(fs: FileSystem, root: DirHandle, { job, prefix }: KeepingJob): boolean {
  const stage = openIfThere(fs, root, `${stateDirectory}/${job}`);
  if (stage === undefined) return false;
  try {
    return keptNames(fs, stage, prefix).length > 0;
  } finally {
    fs.closeDirectory(stage);
  }
}

function keptNames(fs: FileSystem, stage: DirHandle, prefix: ByteString): ByteString[] {
  const listing = new Directory();
  fs.readNames(stage, listing);
  const names = Array.from({ length: listing.count }, (_, i) => listing.name(i));
  return names.filter((name) => name.startsWith(prefix));
}
