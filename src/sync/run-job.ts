// A run's place in the state directory of its target: named at the start, when what dead runs left
// is swept, and removed at the end.

import { type ByteString, systemRandom } from "../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../fs/index.ts";
import { formatOwner, ownRecord } from "./owner-record.ts";
import { removeJob, stateOf, sweepAbandoned } from "./state-directory.ts";

/** A run's place. */
export interface RunJob {
  /** Name of its staging directory, which is made when it is needed. */
  readonly name: ByteString;
  /** Earlier runs left unfinished files. */
  readonly hasPartials: boolean;
  /** Something was removed: the root's times are not what they were. */
  readonly swept: boolean;
}

/** Names the job of this process on the target `path` and sweeps those of processes that are gone. */
export function openRunJob(fs: FileSystem, path: ByteString): RunJob {
  const root = fs.openRoot(path);
  try {
    const self = ownRecord(fs, systemRandom);
    const swept = sweepAbandoned(fs, root, self);
    return { name: formatOwner(self), hasPartials: stateOf(fs, root).hasPartials, swept };
  } finally {
    fs.closeDirectory(root);
  }
}

/** Removes the job's staging directory, and .manifold itself when nobody else uses it. Returns what went wrong. */
export function closeRunJob(
  fs: FileSystem,
  path: ByteString,
  job: ByteString,
): FsError | undefined {
  let root: DirHandle | undefined;
  try {
    root = fs.openRoot(path);
    removeJob(fs, root, job);
    return undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return error;
  } finally {
    if (root !== undefined) fs.closeDirectory(root);
  }
}
