// A run's place in the state directory of its target, and of the directory that --temp-dir names:
// named at the start, when what dead runs left is swept, and removed at the end.

import { type ByteString, plainRandom } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { type ProblemEvent, stateDirectory } from "../../tree/index.ts";
import { inRoot } from "../plan/in-root.ts";
import type { RootSetting } from "../plan/lane-settings.ts";
import { sweepJobFolders } from "./job-folders.ts";
import { adoptKept, hasKept } from "./kept-content.ts";
import { formatOwner, ownRecord } from "./owner-record.ts";
import { openTempDir, removeJob, removeStateFile, sweepAbandoned } from "./state-directory.ts";
import {
  adoptUnfinished,
  type LeftFile,
  listUnfinished,
  removeUnfinished,
} from "./unfinished-files.ts";

/** The journal of runs in stages (--stages), in the state directory. */
export const stagesName = "stages";

/** Where a run stages. */
export interface JobPlaces {
  readonly target: RootSetting;
  /** --temp-dir as it was written. */
  readonly tempDir: ByteString | undefined;
}

/** A run's place. */
export interface RunJob {
  /** Name of its staging directory, which is made when it is needed. */
  readonly name: ByteString;
  /** Unfinished files that earlier runs left; undefined = there is no place for such. */
  readonly unfinished: readonly LeftFile[] | undefined;
  /** There is a state directory already: it is to go with the run's end, and the root's times are to be set after that. */
  readonly stateExists: boolean;
  /** Told where something that an earlier run left is still there. */
  readonly unswept: ProblemEvent | undefined;
}

/**
 * Names the job of this process and sweeps those of processes that are gone; `adopts`: what they have kept under
 * names that begin so is taken over. Throws FsError.
 */
export function openRunJob(fs: FileSystem, places: JobPlaces, adopts?: ByteString): RunJob {
  const self = ownRecord(fs, plainRandom);
  const root = fs.openRoot(places.target.path);
  try {
    if (adopts !== undefined) {
      adoptKept(fs, root, self, { job: formatOwner(self), prefix: adopts });
    }
    const swept = sweepAbandoned(fs, root, self, (job) => adoptUnfinished(fs, root, job));
    const shared = sweepJobFolders(fs, root, self);
    const elsewhere = sweepTempDir(fs, root, places, (dir) => sweepAbandoned(fs, dir, self));
    return {
      name: formatOwner(self),
      unfinished: listUnfinished(fs, root),
      stateExists: swept.any,
      unswept: problemOf(places, swept.failed ?? shared ?? elsewhere?.failed),
    };
  } finally {
    fs.closeDirectory(root);
  }
}

/** The same for a run, if it has such a place: rsync's has none, nor has one that writes nothing. */
export function openRunJobOf(
  fs: FileSystem,
  { personality, transfer, own }: Options,
  target: RootSetting | undefined,
  adopts?: ByteString,
): RunJob | undefined {
  if (target === undefined || personality !== "manifold" || transfer.dryRun) return undefined;
  // What a run in stages had done is of no use to one without, and nobody else would remove it.
  const isStaged = (own.mirrors?.stages.length ?? 0) > 0;
  if (!isStaged) inRoot(fs, target.path, (root) => removeStateFile(fs, root, stagesName));
  return openRunJob(fs, { target, tempDir: transfer.tempDir }, adopts);
}

/** A warning: nothing of this run has failed. */
function problemOf({ target }: JobPlaces, failed: FsError | undefined): ProblemEvent | undefined {
  if (failed === undefined) return undefined;
  const path = target.label + stateDirectory;
  const { errno } = failed;
  return { type: "problem", path, role: "target", operation: "sweep", errno, exit: 0 };
}

function sweepTempDir<T>(
  fs: FileSystem,
  root: DirHandle,
  { tempDir }: JobPlaces,
  sweep: (dir: DirHandle) => T,
): T | undefined {
  if (tempDir === undefined) return undefined;
  let dir: DirHandle;
  try {
    dir = openTempDir(fs, root, tempDir);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // It was there when the run began; who stages in it will say what is wrong.
    return undefined;
  }
  try {
    return sweep(dir);
  } finally {
    fs.closeDirectory(dir);
  }
}

/** Says whether the job has kept content that the next run needs (under names that begin so); it is then left for that. */
export function keepsContent(
  fs: FileSystem,
  places: JobPlaces,
  job: ByteString,
  prefix: ByteString,
): boolean {
  const root = fs.openRoot(places.target.path);
  try {
    return hasKept(fs, root, { job, prefix });
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  } finally {
    fs.closeDirectory(root);
  }
}

/**
 * Removes the job's staging directories, `unwanted` files that earlier runs left, and .manifold itself when nobody else
 * uses it. Returns what went wrong.
 */
export function closeRunJob(
  fs: FileSystem,
  places: JobPlaces,
  job: ByteString,
  unwanted: readonly LeftFile[] = [],
): FsError | undefined {
  return inRoot(fs, places.target.path, (root) => {
    removeUnfinished(fs, root, unwanted);
    removeJob(fs, root, job);
    sweepTempDir(fs, root, places, (dir) => removeJob(fs, dir, job));
  });
}
