// Directories whose permissions lock their owner out: without privileges they are opened while the
// run works in them, and get their own permissions when everything is over.

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { isDirectory, permissionMask } from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";

const ownerBits = 0o700;

/** Says whether the mode is a directory's that its owner cannot fully use. */
export function isNarrow(mode: number): boolean {
  return isDirectory(mode) && (mode & ownerBits) !== ownerBits;
}

/** Opens a directory that is there to its owner, if that is needed. `name` "" is the place itself. */
export function openToOwner(
  lane: LaneCore,
  place: TargetPlace,
  name: ByteString,
  mode: number,
): void {
  const { options } = lane.receive;
  if (options.superUser || options.dryRun || !isNarrow(mode)) return;
  const opened = (mode & permissionMask) | ownerBits;
  try {
    if (name === "") lane.fs.setDirectoryMode(place.dir, opened);
    else lane.fs.setMode(place.dir, name, opened);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(joinPath(place.path, name), error.operation, error.errno);
  }
}
