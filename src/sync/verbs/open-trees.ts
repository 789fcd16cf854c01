// The two arguments of diff: each a directory, a listing file, or "-" for a listing on standard input.
// Which of them it is shows when it is opened, never by its name.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { anyLinks, type FileSystem, FsError, readNamedFile } from "../../fs/index.ts";
import type { DiffOptions } from "../../pipeline/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { wantedNodes } from "../plan/stage-options.ts";
import { type ListingStream, WrittenListing } from "./listing-stream.ts";
import { LiveListing } from "./live-listing.ts";
import { namedPlan } from "./named-plan.ts";
import { openStageLane } from "./stage-lane.ts";
import type { StageContext, StageOutcome } from "./stage-output.ts";

/** Both sides, open. */
export interface OpenTrees {
  readonly source: ListingStream;
  readonly target: ListingStream;
  readonly diff: DiffOptions;
  close(): void;
}

/** Opens both. Throws ManifoldError. */
export function openTrees(context: StageContext, outcome: StageOutcome): OpenTrees {
  const { options, surroundings } = context;
  const fs = openDoor(surroundings);
  const [sourcePath, targetPath] = [options.sources[0] ?? ".", options.target ?? "."];
  if (sourcePath === "-" && targetPath === "-") {
    throw new ManifoldError("usage", 'Only one side of diff can be "-"');
  }
  const warn = outcome.warn.bind(outcome);
  const filters = { rules: parseRunFilters(fs, options, surroundings, warn), warn };
  const lanes: LaneContext[] = [];
  const open = (path: ByteString, side: "source" | "target"): ListingStream => {
    if (path === "-") return new WrittenListing(context.standardInput(), "standard input");
    if (!isTree(fs, path)) return new WrittenListing(readNamedFile(path, anyLinks), toText(path));
    const lane = openStageLane({ options, surroundings, filters, path, side });
    lanes.push(lane);
    const plan = side === "source" ? namedPlan(context, filters.rules, path, outcome) : undefined;
    return new LiveListing(lane, { side, ...(plan && { plan }) });
  };
  const source = open(sourcePath, "source");
  const target = open(targetPath, "target");
  // Between two listings there is no tree: options are the same everywhere.
  if (lanes.length === 0) {
    lanes.push(openStageLane({ options, surroundings, filters, path: ".", side: "source" }));
  }
  const lane = lanes[0] as LaneContext;
  return {
    source,
    target,
    // A changeset may be applied where more nodes can be made than here.
    diff: { ...lane.diff, ...wantedNodes(lane.settings) },
    close: () => {
      source.close();
      target.close();
      for (const lane of lanes) lane.close();
    },
  };
}

function isTree(fs: FileSystem, path: ByteString): boolean {
  try {
    fs.closeDirectory(fs.openRoot(path, "anywhere"));
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOTDIR") return false;
    throw new ManifoldError("file-select", `Cannot open "${toText(path)}": ${error.reason}`, {
      cause: error,
    });
  }
}
