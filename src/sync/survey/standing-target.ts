// A directory of a source elsewhere of which only the sum came. If the target's listing has the same sum, it is the source's listing,
// too: nothing else need come, and nothing is to be done but what a listing like that would lead to.

import { ListedDirectory } from "../../changeset/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { sameDigest } from "../../hash/index.ts";
import { sumOfListing } from "../../session/index.ts";
import { type Directory, dropTwins, hideState, sortListing } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { readTargetLinks } from "../lane/target-details.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { emptySurvey } from "./empty-survey.ts";
import { nameIds } from "./name-ids.ts";
import { indices, takenMarks } from "./target-listing.ts";

const noDigests: ReadonlyMap<number, Uint8Array> = new Map();

/** Opens the directory on the target; undefined = there is none that could be the same, or what is wrong with it is told later. */
export function openStanding(lane: LaneContext, task: SurveyTask): DirHandle | undefined {
  const { path, targetExists, isNew, apart, isUnwanted, deletionsOnly } = task;
  if (!targetExists || isNew || apart !== undefined || isUnwanted || deletionsOnly)
    return undefined;
  try {
    return lane.openTargetDirectory(path);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Reads the target's side into `lane.source`, and says whether the sum is of just that. */
export function standsAs(lane: LaneContext, dir: DirHandle, sum: Uint8Array): boolean {
  const { source, fs } = lane;
  source.clear();
  try {
    fs.readNames(dir, source);
    hideState(source, 0, true);
    fs.statEntries(dir, source, 0, source.count);
    if (sortListing(source, false)) dropTwins(source);
    if (lane.scan.options.linkTargets) readTargetLinks(fs, dir, source);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
  const listed = new ListedDirectory(source);
  nameIds(lane.settings.options, lane.idNames, listed);
  const own = sumOfListing(source, lane.sumColumns, listed);
  if (own === undefined || !sameDigest(own, sum)) return false;
  source.verdict.fill(0, 0, source.count);
  source.origin.fill(0, 0, source.count);
  lane.listedDigests = noDigests;
  return true;
}

/** Returns the listing of a target that stands as the source does: both sides are one, entry by entry. */
export function standingTarget({ source, orders }: LaneContext): Directory {
  const { count } = source;
  orders.reset(count);
  orders.target.set(indices(count));
  if (takenMarks.bytes.length < count) takenMarks.bytes = new Uint8Array(count * 2);
  takenMarks.bytes.fill(1, 0, count);
  return source;
}

/** The answer where the record is needed: the survey has not begun. */
export function unlistedResult({ node }: SurveyTask): SurveyResult {
  return { ...emptySurvey(node), isUnlisted: true };
}
