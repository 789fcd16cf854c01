// Where a lane stages files, and where unfinished ones wait: manifold's own directories below the
// target (DEST/.manifold/JOB, DEST/.manifold/partial), --temp-dir, --partial-dir.

import { type ByteString, joinPath, plainRandom, seededRandom } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import {
  besideStaging,
  directoryStaging,
  type Staging,
  StagingError,
  type TargetPlace,
  tempMount,
} from "../../pipeline/index.ts";
import { stateDirectory } from "../../tree/index.ts";
import { control, type LaneSettings } from "../plan/lane-settings.ts";
import {
  noteMount,
  openJob,
  openState,
  openTempDir,
  partialDirectory,
} from "../state/state-directory.ts";

/** What staging needs of its lane. */
export interface StagingLane {
  readonly settings: LaneSettings;
  readonly fs: FileSystem;
  readonly targetRoot: DirHandle;
  openTargetDirectory(path: ByteString): DirHandle;
}

/** The staging of one lane. */
export class LaneStaging {
  readonly staging: Staging;
  readonly #lane: StagingLane;
  #partials: DirHandle | undefined;

  constructor(lane: StagingLane) {
    this.#lane = lane;
    this.staging = this.#makeStaging();
  }

  /** Opens the one directory for unfinished files; as ReceiveContext.openPartials. */
  openPartials(path: ByteString, make: boolean): DirHandle | undefined {
    this.#partials ??= path === "" ? this.#ownPartials(make) : this.#namedPartials(path, make);
    return this.#partials;
  }

  /** Closes everything. */
  close(): void {
    this.staging.close();
    if (this.#partials !== undefined) this.#lane.fs.closeDirectory(this.#partials);
  }

  #makeStaging(): Staging {
    const { fs, settings } = this.#lane;
    const { job, lane } = settings;
    const { transfer, own } = settings.options;
    const { tempDir } = transfer;
    if (job === undefined) {
      const random = seededRandom(plainRandom.uint32());
      const open = tempDir === undefined ? undefined : () => this.#openTempDir(tempDir);
      return besideStaging(fs, open, random);
    }
    const door = {
      first: tempDir === undefined ? "" : tempMount,
      findsMounts: transfer.delayUpdates || own.durable === "batch",
      open: (mount: ByteString) => this.#openStage(job, mount),
      mountOf: (place: TargetPlace) => this.#mountOf(place),
    };
    return directoryStaging(fs, door, lane);
  }

  #openTempDir(path: ByteString): DirHandle {
    const { fs, targetRoot } = this.#lane;
    return openTempDir(fs, targetRoot, path);
  }

  #openStage(job: ByteString, mount: ByteString): DirHandle {
    const { settings } = this.#lane;
    Atomics.store(new Int32Array(settings.control), control.staged, 1);
    try {
      return this.#openJob(job, mount);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      const top = settings.target?.label ?? "";
      const { tempDir = "" } = settings.options.transfer;
      const path = mount === tempMount ? tempDir : mount === "" ? top : `${top}${mount}/`;
      const place = joinPath(path.replace(/\/$/, ""), stateDirectory);
      const advice = mount === "" ? "; --temp-dir=DIR names another place" : "";
      throw new StagingError(error, place, advice);
    }
  }

  #openJob(job: ByteString, mount: ByteString): DirHandle {
    const { fs, targetRoot, settings } = this.#lane;
    if (mount === "") return openJob(fs, targetRoot, job);
    const { tempDir } = settings.options.transfer;
    if (mount !== tempMount) noteMount(fs, targetRoot, job, mount, settings.lane);
    const top =
      mount === tempMount
        ? this.#openTempDir(tempDir ?? "")
        : this.#lane.openTargetDirectory(mount);
    try {
      return openJob(fs, top, job);
    } finally {
      fs.closeDirectory(top);
    }
  }

  /** The topmost directory on the way down to `place` from which on all are on its file system. */
  #mountOf({ dir, path }: TargetPlace): ByteString {
    const { fs, targetRoot } = this.#lane;
    const wanted = deviceOf(fs, dir);
    if (path === "" || deviceOf(fs, targetRoot) === wanted) return "";
    let mount = path;
    for (;;) {
      const slash = mount.lastIndexOf("/");
      if (slash < 0) return mount;
      const parent = mount.slice(0, slash);
      const above = this.#lane.openTargetDirectory(parent);
      try {
        if (deviceOf(fs, above) !== wanted) return mount;
      } finally {
        fs.closeDirectory(above);
      }
      mount = parent;
    }
  }

  #ownPartials(make: boolean): DirHandle | undefined {
    const { fs, targetRoot, settings } = this.#lane;
    return unlessAbsent(() => {
      Atomics.store(new Int32Array(settings.control), control.staged, 1);
      const state = openState(fs, targetRoot, make);
      try {
        if (make) makeIfMissing(fs, state, partialDirectory);
        return fs.openDirectory(state, partialDirectory);
      } finally {
        fs.closeDirectory(state);
      }
    });
  }

  #namedPartials(path: ByteString, make: boolean): DirHandle | undefined {
    const { fs } = this.#lane;
    return unlessAbsent(() => {
      if (make) {
        const slash = path.lastIndexOf("/");
        const parent = fs.openRoot(slash === 0 ? "/" : path.slice(0, slash), "bounded");
        try {
          makeIfMissing(fs, parent, path.slice(slash + 1));
        } finally {
          fs.closeDirectory(parent);
        }
      }
      return fs.openRoot(path, "bounded");
    });
  }
}

const stat = new Stat();

function deviceOf(fs: FileSystem, dir: DirHandle): string {
  fs.statDirectory(dir, stat);
  return `${stat.devMajor}:${stat.devMinor}`;
}

function makeIfMissing(fs: FileSystem, dir: DirHandle, name: ByteString): void {
  try {
    fs.makeDirectory(dir, name, 0o700);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
  }
}

function unlessAbsent(open: () => DirHandle): DirHandle | undefined {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
    return undefined;
  }
}
