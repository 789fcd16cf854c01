// The backups of one lane: which rules they follow and where their directory lies.

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import {
  BackupDirectories,
  Backups,
  type ReceiveOptions,
  removeEntry,
  xattrsOf,
} from "../../pipeline/index.ts";
import { newDirectoryMode } from "../plan/new-modes.ts";
import type { LaneCore } from "./lane-core.ts";
import type { LaneDeletions } from "./lane-deletions.ts";
import type { LaneDisplaced } from "./lane-displaced.ts";

/** Returns what keeps backups, or undefined when none are wanted. */
export function laneBackups(
  lane: LaneCore & { readonly deletions: LaneDeletions; readonly displaced: LaneDisplaced },
  options: ReceiveOptions,
): Backups | undefined {
  const { fs, settings } = lane;
  const { backup, links, preserve, personality } = settings.options;
  if (!backup.on) return undefined;
  const { dir, suffix } = backup;
  const xattrs = lane.targetXattrs;
  const directories = new BackupDirectories({
    fs,
    options,
    openRoot:
      dir === undefined
        ? undefined
        : () => openBackupRoot(fs, lane.targetRoot, dir, settings.umask),
    label: dir === undefined ? "" : dir.endsWith("/") ? dir : `${dir}/`,
    openTarget: (path) => lane.displaced.open(path) ?? lane.openTargetDirectory(path),
    xattrsOf:
      xattrs === undefined || !fs.abilities.xattrs
        ? undefined
        : (from, name) => xattrsOf(fs, from, name, xattrs),
    clear: (place, name, mode) => {
      const policy = { ...lane.deletions.policy(undefined), backup: () => "left" as const };
      const reason = { makesWay: true, recursive: true };
      removeEntry(lane.receive, policy, place, { name, mode, locked: false }, reason);
    },
  });
  return new Backups(
    {
      suffix,
      links: preserve.links,
      devices: preserve.devices,
      specials: preserve.specials,
      safeLinks: links.safe,
      movesFiles: personality === "manifold-rsync",
    },
    directories,
  );
}

/** Pins the backup directory, relative to the target's root or absolute, making what is missing of it. */
function openBackupRoot(
  fs: FileSystem,
  target: DirHandle,
  path: ByteString,
  umask: number,
): DirHandle {
  const isAbsolute = path.startsWith("/");
  const base = isAbsolute ? fs.openRoot("/") : fs.openDirectory(target, "");
  let dir = base;
  try {
    for (const name of path.split("/")) {
      if (name === "" || name === ".") continue;
      const next = openOrMake(fs, dir, name, umask);
      fs.closeDirectory(dir);
      dir = next;
    }
    checkBounds(fs, dir);
    return dir;
  } catch (error) {
    fs.closeDirectory(dir);
    throw error;
  }
}

function openOrMake(fs: FileSystem, dir: DirHandle, name: ByteString, umask: number): DirHandle {
  try {
    return fs.openDirectory(dir, name, "trusted");
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
  }
  checkBounds(fs, dir);
  try {
    fs.makeDirectory(dir, name, newDirectoryMode(fs, dir, umask));
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
  }
  return fs.openDirectory(dir, name, "trusted");
}

/** Throws FsError where --confine-root forbids what is in this directory. */
function checkBounds(fs: FileSystem, dir: DirHandle): void {
  fs.closeDirectory(fs.openDirectory(dir, "", "bounded"));
}
