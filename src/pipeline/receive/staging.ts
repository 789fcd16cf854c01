// Where files are written before they get their names. Two places serve: manifold's own staging
// directory DEST/.manifold/JOB (promise P2: one place to sweep, no temporary names among the
// user's files), and rsync's temporary names beside the file or in --temp-dir.

import { type ByteString, type Random } from "../../base/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";

/** A staged file or node: where it lies until commit moves it. */
export interface Staged {
  readonly dir: DirHandle;
  readonly name: ByteString;
}

/** Gives places for new files. One per lane, so that names never meet. */
export interface Staging {
  /** Reserves a name for the entry `name` that will stand in `dir`. Nothing is created yet. */
  place(dir: DirHandle, name: ByteString): Staged;
  /** Closes what it pinned. */
  close(): void;
}

/** Staging in one directory of the target's own file system: names are short and never derived from the user's. */
export function directoryStaging(
  fs: FileSystem,
  openStage: () => DirHandle,
  lane: number,
): Staging {
  let stage: DirHandle | undefined;
  let count = 0;
  return {
    place: () => {
      stage ??= openStage();
      return { dir: stage, name: `${lane}.${count++}` };
    },
    close: () => {
      if (stage !== undefined) fs.closeDirectory(stage);
    },
  };
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const nameBytesMax = 255;

/** rsync's temporary names: .NAME.XXXXXX beside the file, or in the directory that --temp-dir names. */
export function besideStaging(
  fs: FileSystem,
  openTempDir: (() => DirHandle) | undefined,
  random: Random,
): Staging {
  let tempDir: DirHandle | undefined;
  return {
    place: (dir, name) => {
      if (openTempDir !== undefined) tempDir ??= openTempDir();
      let suffix = ".";
      for (let i = 0; i < 6; i++) suffix += letters[random.uint32() % letters.length];
      const stem = tempDir === undefined ? `.${name.replace(/^\./, "")}` : name;
      return { dir: tempDir ?? dir, name: stem.slice(0, nameBytesMax - suffix.length) + suffix };
    },
    close: () => {
      if (tempDir !== undefined) fs.closeDirectory(tempDir);
    },
  };
}

/** Creates the staged file, taking another name when one is in use. */
export function createStaged(
  fs: FileSystem,
  staging: Staging,
  dir: DirHandle,
  name: ByteString,
  mode: number,
): { staged: Staged; file: FileHandle } {
  for (let attempt = 0; ; attempt++) {
    const staged = staging.place(dir, name);
    try {
      return { staged, file: fs.createFile(staged.dir, staged.name, mode) };
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EEXIST" || attempt > 100) throw error;
    }
  }
}

/** Removes a staged file; one that is already gone is fine. */
export function discardStaged(fs: FileSystem, staged: Staged): void {
  try {
    fs.unlink(staged.dir, staged.name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}
