// The directory of the target that orders of a changeset are about, opened and closed around them.

import type { ByteString } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";

/** Opens a directory of the target; a dry run may not have made it. Undefined = it cannot be, which `tells` tells. */
export function openPlace(
  lane: LaneContext,
  path: ByteString,
  tells: boolean,
): TargetPlace | undefined {
  try {
    return { dir: lane.openTargetDirectory(path), path };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (lane.settings.options.transfer.dryRun) return { dir: -1, path };
    if (tells) lane.receive.problem(path, "opendir", error.errno);
    return undefined;
  }
}

/** Closes it. */
export function closePlace({ fs }: LaneContext, { dir }: TargetPlace): void {
  if (dir >= 0) fs.closeDirectory(dir);
}

/** Removes a directory if there is nothing in it; what is in the way otherwise is found and told afterwards. */
export function removeEmpty({ fs }: LaneContext, { dir }: TargetPlace, name: ByteString): void {
  try {
    fs.removeDirectory(dir, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}
