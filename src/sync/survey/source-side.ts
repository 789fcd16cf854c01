// The source's side of a survey: scanned here, or as it came from another machine.

import type { ByteString } from "../../base/index.ts";
import { ManifoldError } from "../../base/index.ts";
import {
  type Hides,
  type NamedGroup,
  type ScanContext,
  scanDirectory,
} from "../../pipeline/index.ts";
import { type DirectoryRecord, decodeDirectory, understand } from "../../session/index.ts";
import { Directory, isRegular } from "../../tree/index.ts";
import { openAhead } from "../lane/arrived-content.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { keepsImplied } from "../lane/target-follow.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import { checkAsked } from "./check-asked.ts";
import { pruneSource } from "./prune-source.ts";

/** Fills `lane.source` and returns the named entries that are not there, as far as their absence matters. */
export function scanSource(lane: LaneContext, task: SurveyTask): readonly ByteString[] {
  const { source, filters } = lane;
  const absent: ByteString[] = [];
  const { missingArgs } = lane.settings.options.walk;
  if (filters === undefined && missingArgs === "error" && !task.deletionsOnly) {
    scanDirectory(lane.scan, task, source);
  } else {
    const hides =
      filters &&
      ((root: number): Hides | undefined => filters.hides(root, task.path, task.deletionsOnly));
    const scan = task.deletionsOnly ? { ...lane.scan, ...silence } : lane.scan;
    scanDirectory({ ...scan, hides, absent: absentNames(lane, absent) }, task, source);
  }
  pruneSource(lane, task);
  lane.shapeSource?.(source);
  return absent;
}

/** What the pass for deletions finds out about the source is told by the pass that follows. */
export const silence = { problem: () => undefined, note: () => undefined };

/** What to do about missing source arguments, when they are not to be problems. */
function absentNames(lane: LaneContext, absent: ByteString[]): ScanContext["absent"] {
  const { missingArgs } = lane.settings.options.walk;
  if (missingArgs === "error") return undefined;
  return (name) => {
    if (missingArgs === "delete") absent.push(name);
    return true;
  };
}

/** Returns the top's own entry; undefined when its attributes do not travel. */
export function scanSelf(lane: LaneContext, self: NamedGroup): Directory | undefined {
  if (self.implied && keepsImplied(lane.settings.options)) return undefined;
  const source = new Directory();
  const request = { path: "", origins: [], named: [self] };
  scanDirectory({ ...lane.scan, hides: undefined }, request, source);
  lane.shapeSource?.(source);
  return source.count === 0 ? undefined : source;
}

/** Fills `lane.source` with what came from another machine, made what the user wants it to be. */
export function hearSource(
  lane: LaneContext,
  task: SurveyTask,
  bytes: Uint8Array,
): DirectoryRecord {
  const record = understand("directory", () => decodeDirectory(bytes, lane.source));
  if (record.path !== task.path) {
    const message = `The other end sent directory "${record.path}" in the place of "${task.path}"`;
    throw new ManifoldError("protocol-data", message);
  }
  const isAsked = lane.settings.options.walk.missingArgs === "delete";
  if (record.absent.length > 0 && !isAsked) {
    throw new ManifoldError(
      "protocol-data",
      "The other end sent absent names that nobody asked for",
    );
  }
  checkAsked(lane, record);
  lane.listedDigests = record.listing.states.digests;
  for (const listed of [record.listing, record.self]) {
    if (listed === undefined) continue;
    if (!lane.settings.options.preserve.numericIds) lane.namedIds.translate(listed);
    lane.shapeSource?.(listed.columns);
  }
  return record;
}

/** Opens the content that came with the directory in `lane.source`; undefined = none did. */
export function hearAhead(
  { source, settings }: LaneContext,
  { content }: SurveyTask,
): SurveyTask["ahead"] {
  if (content === undefined) return undefined;
  const sizeOf = (row: number): number =>
    isRegular(source.mode[row] as number) ? (source.size[row] as number) : -1;
  return openAhead(content, { count: source.count, sizeOf }, settings.farSums?.name);
}
