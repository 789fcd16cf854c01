// Where files are written before they get their names. Two places serve: manifold's own staging
// directory DEST/.manifold/JOB (promise P2: one place to sweep, no temporary names among the
// user's files; below a mount, the same at that mount's top; with --temp-dir first of all there),
// and rsync's temporary names beside the file or in --temp-dir.

import { type ByteString, joinPath, type Random } from "../../base/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { createDigest, strongDigestName } from "../../hash/index.ts";
import type { TargetPlace } from "./target-place.ts";

/** A staged file or node: where it lies until commit moves it. */
export interface Staged {
  readonly dir: DirHandle;
  readonly name: ByteString;
  /** Path in the target of the mount that the staging directory is on; "" for the target itself. */
  readonly mount: ByteString;
}

/** Gives places for new files. One per lane, so that names never meet. */
export interface Staging {
  /**
   * Reserves a name for the entry `name` that will stand in `place`. Nothing is created yet. `isKept`: should this process
   * be killed, the next run is to find it.
   */
  place(place: TargetPlace, name: ByteString, isKept?: boolean): Staged;
  /** The same where a rename into `place` cannot cross file systems; asked for after one could not. */
  near(place: TargetPlace, name: ByteString): Staged;
  /** Returns a staged file by its name, wherever in this run it was made. */
  find(place: TargetPlace, name: ByteString, mount: ByteString): Staged;
  /** Reserves a name for a directory that will stand on the target's own file system; undefined = it is made in its place. */
  readonly directory?: () => Staged;
  /**
   * Returns a directory on the target's own file system for files under their own names, until they are renamed: empty
   * whenever it is asked for, and not to be closed. Undefined = there is none, or no rename out of it is sure to work.
   */
  readonly batch?: () => DirHandle | undefined;
  /** Opens the directory that has what was staged for this mount; not to be closed. */
  open(mount: ByteString): DirHandle;
  /** Closes what it pinned. */
  close(): void;
}

/** Stands for the directory of --temp-dir where a mount is named: no path in the target begins so. */
export const tempMount = "/";

/** Opens staging directories of one run. */
export interface StageDoor {
  /** Where everything is staged until a rename fails: at the target's top "", or in `tempMount`. */
  readonly first: ByteString;
  /** Files wait for their names, so that no rename tells in time that it cannot be: mounts are found beforehand. */
  readonly findsMounts: boolean;
  /** Opens the staging directory at the top of the mount with this path in the target, made if missing. */
  open(mount: ByteString): DirHandle;
  /** Returns the path in the target of the mount that the place is on. */
  mountOf(place: TargetPlace): ByteString;
}

/** So begin names of staged files that the next run is to find: the name that an unfinished file waits under follows. */
export const unfinishedPrefix = "unfinished.";

/** Returns the name under which what is unfinished of a file waits in a directory for all of a target: of any length, without slashes. */
export function unfinishedName({ path }: TargetPlace, name: ByteString): ByteString {
  const digest = createDigest(strongDigestName());
  digest.update(latin1(joinPath(path, name)));
  return Buffer.from(digest.digest().subarray(0, 16)).toString("hex");
}

const latin1 = (name: ByteString): Uint8Array => Buffer.from(name, "latin1");

/** Staging in manifold's own directories: names are short and never the user's. */
export function directoryStaging(fs: FileSystem, door: StageDoor, lane: number): Staging {
  const stages = new Map<ByteString, DirHandle>();
  const { first } = door;
  /** Mounts below the target, deepest names first; none as long as no rename failed. */
  let mounts: ByteString[] = [];
  let count = 0;
  let batch: DirHandle | undefined;
  const open = (mount: ByteString): DirHandle => {
    const known = stages.get(mount);
    if (known !== undefined) return known;
    const stage = door.open(mount);
    stages.set(mount, stage);
    return stage;
  };
  const at = (mount: ByteString, prefix = ""): Staged => ({
    dir: open(mount),
    name: `${prefix}${lane}.${count++}`,
    mount,
  });
  const near = (place: TargetPlace): Staged => {
    const mount = door.mountOf(place);
    if (mount !== "" && !mounts.includes(mount)) {
      mounts = [...mounts, mount].sort((a, b) => b.length - a.length);
    }
    return at(mount);
  };
  return {
    place: (place, name, isKept = false) => {
      const { dir, path, isApart } = place;
      if (isApart) return { dir, name, mount: "" };
      if (door.findsMounts) return near(place);
      const prefix = isKept ? `${unfinishedPrefix}${unfinishedName(place, name)}.` : "";
      return at(mounts.length === 0 ? first : (mountAmong(mounts, path) ?? first), prefix);
    },
    ...(first === "" && { directory: () => at("") }),
    batch: () => {
      if (first !== "" || door.findsMounts || mounts.length > 0) return undefined;
      if (batch === undefined) {
        const { dir, name } = at("");
        fs.makeDirectory(dir, name, 0o700);
        batch = fs.openDirectory(dir, name);
      }
      return batch;
    },
    near,
    find: (_place, name, mount) => ({ dir: open(mount), name, mount }),
    open,
    close: () => {
      for (const stage of stages.values()) fs.closeDirectory(stage);
      if (batch !== undefined) fs.closeDirectory(batch);
    },
  };
}

function mountAmong(mounts: readonly ByteString[], path: ByteString): ByteString | undefined {
  return mounts.find((mount) => path === mount || path.startsWith(`${mount}/`));
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const nameBytesMax = 255;

/**
 * rsync's temporary names: .NAME.XXXXXX beside the file, or NAME.XXXXXX in the directory that --temp-dir names.
 * `near` gives places beside the file.
 */
export function besideStaging(
  fs: FileSystem,
  openTempDir: (() => DirHandle) | undefined,
  random: Random,
): Staging {
  let tempDir: DirHandle | undefined;
  const suffix = (): ByteString => {
    let text = ".";
    for (let i = 0; i < 6; i++) text += letters[random.uint32() % letters.length];
    return text;
  };
  const beside = ({ dir }: TargetPlace, name: ByteString): Staged => {
    const end = suffix();
    return { dir, name: shorten(`.${name.replace(/^\./, "")}`, end) + end, mount: "" };
  };
  return {
    place: (place, name) => {
      if (openTempDir === undefined) return beside(place, name);
      tempDir ??= openTempDir();
      const end = suffix();
      return { dir: tempDir, name: shorten(name, end) + end, mount: "" };
    },
    find: (place, name, mount) => {
      if (openTempDir !== undefined) tempDir ??= openTempDir();
      return { dir: tempDir ?? place.dir, name, mount };
    },
    near: (place, name) => beside(place, name),
    open: () => -1,
    close: () => {
      if (tempDir !== undefined) fs.closeDirectory(tempDir);
    },
  };
}

/** Makes room for the suffix, in whole UTF-8 characters where the name has such. */
function shorten(name: ByteString, suffix: ByteString): ByteString {
  let length = Math.min(name.length, nameBytesMax - suffix.length);
  if (length < name.length && name.charCodeAt(length) >= 0x80) {
    while (length > 1 && name.charCodeAt(length - 1) >= 0x80) length--;
  }
  return name.slice(0, length).replace(/\.$/, "");
}

/** Creates the staged file, taking another name when one is in use. `near` as in Staging.near, `isKept` as in Staging.place. */
export function createStaged(
  fs: FileSystem,
  staging: Staging,
  place: TargetPlace,
  name: ByteString,
  mode: number,
  { near = false, isKept = false } = {},
): { staged: Staged; file: FileHandle } {
  for (let attempt = 0; ; attempt++) {
    const staged = near ? staging.near(place, name) : staging.place(place, name, isKept);
    try {
      return { staged, file: fs.createFile(staged.dir, staged.name, mode) };
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EEXIST" || attempt > 100) throw error;
    }
  }
}

/** Removes a staged entry, a directory when it is empty. What stays, goes with the staging directory. */
export function discardStaged(fs: FileSystem, staged: Staged): void {
  try {
    fs.unlink(staged.dir, staged.name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code !== "EISDIR" && error.code !== "EPERM") return;
    try {
      fs.removeDirectory(staged.dir, staged.name);
    } catch (other) {
      if (!(other instanceof FsError)) throw other;
    }
  }
}
