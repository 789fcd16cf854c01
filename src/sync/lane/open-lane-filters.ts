// A lane's filters: the rules of the run with both ends' directories, where merge files lie.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { DirHandle, FileSystem } from "../../fs/index.ts";
import type { SourceRoot } from "../../pipeline/index.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";
import { LaneFilters } from "./lane-filters.ts";

/** What filters need of their lane. */
interface FilteringLane {
  readonly settings: LaneSettings;
  readonly fs: FileSystem;
  readonly roots: readonly SourceRoot[];
  readonly targetRoot: DirHandle;
  problem(
    role: "source",
    path: ByteString,
    operation: string,
    errno: number,
    message: string,
  ): void;
  note(topic: string, level: number, text: ByteString): void;
}

/** Level of the debug topic from which on every decision is told. */
const toldLevel = 1;

/** Returns the filters; undefined = there are none. Directories are opened when a rule first needs them. */
export function openLaneFilters(lane: FilteringLane): LaneFilters | undefined {
  const { settings, fs } = lane;
  const { filterRules: rules, workingDirectory } = settings;
  if (rules === undefined || rules.isEmpty) return undefined;
  const isTold = settings.options.output.debug.filter >= toldLevel;
  const absolute = (path: ByteString): ByteString =>
    path.startsWith("/") ? path : joinPath(workingDirectory, path);
  return new LaneFilters({
    fs,
    rules,
    sources: settings.sources.map((root, index) => ({
      path: absolute(root.path),
      dir: () => (lane.roots[index] as SourceRoot).dir,
      poured: root.poured === true,
    })),
    target: settings.target && {
      path: absolute(settings.target.path),
      dir: () => lane.targetRoot,
      poured: settings.sources.some((root) => root.poured),
    },
    tell: isTold ? (decision) => lane.note("filter", toldLevel, decision) : undefined,
    problem: (message) => lane.problem("source", "", "filter", 0, message),
  });
}
