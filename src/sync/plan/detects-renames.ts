// Whether a run looks for files that the target has under other names.

import { type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { MoveMemory } from "./move-memory.ts";
import type { Endpoints } from "./run-ends.ts";

/** Says whether the user's wishes leave room for it: what is written where it lies has no old content. */
export function wantsRenames({ own, transfer, output }: Options): boolean {
  return (
    own.renames.detect !== "no" &&
    !transfer.inplace &&
    transfer.append === "no" &&
    !transfer.copyDevices &&
    !output.listOnly
  );
}

/** Returns what lanes share that look for renamed files; undefined = they do not. */
export function moveMemory(
  fs: FileSystem,
  options: Options,
  { target, targetExists, madeRoot }: Endpoints,
): SharedArrayBuffer | undefined {
  if (!wantsRenames(options) || target === undefined || !targetExists) return undefined;
  const hasOthers = options.own.renames.from.length > 0;
  try {
    const root = fs.openRoot(target.path);
    try {
      return madeRoot && !hasOthers ? undefined : MoveMemory.create(fs.freeBytes(root));
    } finally {
      fs.closeDirectory(root);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}
