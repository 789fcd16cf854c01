// --verify: reads a finished file back and compares it with the source before it gets its name.

import { joinPath } from "../../base/index.ts";
import { closeRead, type FileHandle } from "../../fs/index.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import { commonPrefix } from "./copy-content.ts";
import type { Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Says whether the staged file reads back as the open source has it; else reports that it does not. */
export function isReadBack(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  staged: Staged,
  source: FileHandle,
): boolean {
  const { fs } = context;
  const size = entry.listing.size[entry.index] as number;
  const file = fs.openRead(staged.dir, staged.name);
  try {
    // What is only in memory proves nothing about the device.
    fs.syncFile(file);
    const same = commonPrefix(context, source, file, size);
    if (same === size) return true;
    context.problem(
      joinPath(place.path, entry.name),
      "verify",
      0,
      `reads back differently after byte ${same} of ${size}`,
    );
    return false;
  } finally {
    closeRead(fs, file);
  }
}
