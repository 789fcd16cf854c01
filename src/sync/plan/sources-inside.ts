// Sources that lie below the target: what is read from must not be deleted as extraneous there.
// manifold's own guard; manifold-rsync deletes them, as rsync does.

import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { DirectoryIdentity } from "./lane-settings.ts";
import type { Endpoints } from "./run-ends.ts";

const stat = new Stat();

/** No file system is as deep; a walk upwards that goes on for longer has met something odd and ends. */
const depthMax = 10_000;

/** Returns which directories the sources are read from that lie below the target, as far as something may be deleted. */
export function sourcesInside(
  fs: FileSystem,
  options: Options,
  { plan, target, targetExists }: Endpoints,
): readonly DirectoryIdentity[] {
  const { mode, force } = options.delete;
  const mayDelete = mode !== "none" || force || options.walk.missingArgs === "delete";
  if (options.personality !== "manifold" || !mayDelete) return [];
  if (target === undefined || !targetExists) return [];
  const top = identityAt(fs, target.path);
  if (top === undefined) return [];
  const inside: DirectoryIdentity[] = [];
  for (const path of new Set(plan.roots.map((root) => root.path))) {
    const source = openIfThere(fs, path);
    if (source === undefined) continue;
    try {
      const own = identityOf(fs, source);
      if (!isSame(own, top) && liesBelow(fs, source, [top])) inside.push(own);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new FsError(error.errno, error.operation, path);
    } finally {
      fs.closeDirectory(source);
    }
  }
  return inside;
}

/** Says whether the open directory is one of these or lies below one. */
export function liesBelow(
  fs: FileSystem,
  start: DirHandle,
  these: readonly DirectoryIdentity[],
): boolean {
  let dir = fs.openDirectory(start, "");
  try {
    let own = identityOf(fs, dir);
    for (let depth = 0; depth < depthMax; depth++) {
      if (isAmong(own, these)) return true;
      const above = fs.openDirectory(dir, "..", "anywhere");
      fs.closeDirectory(dir);
      dir = above;
      const next = identityOf(fs, dir);
      // The top of everything is its own parent.
      if (isSame(next, own)) return false;
      own = next;
    }
    return false;
  } finally {
    fs.closeDirectory(dir);
  }
}

/** Says whether the open directory is one of these. */
export function isOneOf(
  fs: FileSystem,
  dir: DirHandle,
  these: readonly DirectoryIdentity[],
): boolean {
  return isAmong(identityOf(fs, dir), these);
}

function isAmong(own: DirectoryIdentity, these: readonly DirectoryIdentity[]): boolean {
  return these.some((one) => isSame(one, own));
}

function isSame(a: DirectoryIdentity, b: DirectoryIdentity): boolean {
  return (
    a.inoLow === b.inoLow &&
    a.inoHigh === b.inoHigh &&
    a.devMajor === b.devMajor &&
    a.devMinor === b.devMinor
  );
}

/** Returns which directory this is. */
export function identityOf(fs: FileSystem, dir: DirHandle): DirectoryIdentity {
  fs.statDirectory(dir, stat);
  const { devMajor, devMinor, inoHigh, inoLow } = stat;
  return { devMajor, devMinor, inoHigh, inoLow };
}

/** What cannot be opened has been told of already, or will be by the first who needs it. */
function openIfThere(fs: FileSystem, path: string): DirHandle | undefined {
  try {
    return fs.openRoot(path, "anywhere");
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

function identityAt(fs: FileSystem, path: string): DirectoryIdentity | undefined {
  const dir = openIfThere(fs, path);
  if (dir === undefined) return undefined;
  try {
    return identityOf(fs, dir);
  } finally {
    fs.closeDirectory(dir);
  }
}
