// Whether all that a source elsewhere has is new to the target, and wanted as it stands: then the content of small
// files comes with their directories, and costs no way there and back (docs/decisions/0084-content-comes-ahead.md).

import { type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { Directory, hideState } from "../../tree/index.ts";
import type { Endpoints } from "../plan/run-ends.ts";
import { isPaced } from "./pacing.ts";
import { scansAheadAtOnce } from "./scan-ahead.ts";

/** Says whether content may come that nobody has asked for. */
export function takesAhead(fs: FileSystem, options: Options, endpoints: Endpoints): boolean {
  return wantsAll(options) && isEmpty(fs, endpoints);
}

/** Says whether everything is wanted, over the one connection, as soon as it can be had. */
function wantsAll(options: Options): boolean {
  const { transfer, limits, select, basisDirs, own } = options;
  if (transfer.dryRun || transfer.removeSourceFiles || transfer.fuzzy > 0) return false;
  if (
    limits.streams > 1 ||
    limits.datagrams !== undefined ||
    isPaced(options) ||
    scansAheadAtOnce(options)
  )
    return false;
  if (select.existing || select.maxSize !== undefined || select.minSize !== undefined) return false;
  return basisDirs.kind === "none" && own.renames.from.length === 0;
}

function isEmpty(fs: FileSystem, { target, targetExists, madeRoot }: Endpoints): boolean {
  if (target === undefined || !targetExists) return false;
  if (madeRoot) return true;
  const listing = new Directory();
  try {
    const root = fs.openRoot(target.path);
    try {
      fs.readNames(root, listing);
    } finally {
      fs.closeDirectory(root);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
  hideState(listing, 0, true);
  return listing.count === 0;
}
