// --durable: the file systems of the target that a run works on, and the flush of all of them.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, type FileSystem, type FsError, Stat } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { inRoot } from "../plan/in-root.ts";

const stat = new Stat();

/** Says whether the run flushes what it did to the target as a whole. */
export function flushesTarget({ own, transfer }: Options): boolean {
  return own.durable !== "none" && !transfer.dryRun;
}

/** Returns which file system the open directory of the target is on, where that will be flushed. */
export function deviceToFlush(
  fs: FileSystem,
  options: Options,
  dir: DirHandle | undefined,
): string | undefined {
  if (dir === undefined || !flushesTarget(options)) return undefined;
  fs.statDirectory(dir, stat);
  return `${stat.devMajor}:${stat.devMinor}`;
}

/** The file systems of one run. */
export class TargetFlush {
  /** A directory of each, by device. */
  readonly #paths = new Map<string, ByteString>();

  /** Remembers the file system of the target's directory `path`. */
  add(device: string | undefined, path: ByteString): void {
    if (device !== undefined && !this.#paths.has(device)) this.#paths.set(device, path);
  }

  /** Flushes them; returns what went wrong. `target` is the path of the target's root. */
  flush(fs: FileSystem, target: ByteString): FsError | undefined {
    for (const path of this.#paths.values()) {
      const root = path === "" ? target : joinPath(target, path);
      const failed = inRoot(fs, root, (dir) => fs.syncFileSystem(dir));
      if (failed !== undefined) return failed;
    }
    return undefined;
  }
}
