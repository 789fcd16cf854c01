// Links one name of a hard-link group to its leader, which stands on the target already.

import { type ByteString, baseName, joinPath, parentPath } from "../base/index.ts";
import { type DirHandle, FsError, Stat } from "../fs/index.ts";
import { linkStaged } from "../pipeline/index.ts";
import { attributeChanges, change } from "../tree/index.ts";
import { countLinked } from "./apply-range.ts";
import type { LaneContext } from "./lane-context.ts";
import type { LinkLeader } from "./link-groups.ts";
import { makeRoom } from "./make-room.ts";
import type { Range } from "./range.ts";
import { report } from "./report-item.ts";

const leaderStat = new Stat();
const ownStat = new Stat();

/** How linking ended: "copy" means that the file system cannot link these, the entry must be copied. */
export type Linked = "linked" | "unchanged" | "failed" | "copy";

/** Makes entry `range.from` another name of the leader, and reports it. */
export function linkEntry(lane: LaneContext, range: Range, leader: LinkLeader): Linked {
  const i = range.from;
  const { source, orders, place } = range;
  const name = source.name(i);
  const { dryRun } = lane.settings.options.transfer;
  const exists = place.dir >= 0 && lane.fs.stat(place.dir, name, ownStat);
  try {
    const led = leaderStands(lane, leader.path);
    const same =
      exists &&
      led &&
      (!dryRun || leader.kept) &&
      ownStat.inoLow === leaderStat.inoLow &&
      ownStat.inoHigh === leaderStat.inoHigh &&
      ownStat.devMajor === leaderStat.devMajor &&
      ownStat.devMinor === leaderStat.devMinor;
    if (same) {
      if (lane.settings.items === "all") reportLink(lane, range, i, change.local | change.hardLink);
      lane.count("unchanged");
      return "unchanged";
    }
    if (!dryRun && !makeLink(lane, range, leader.path, name)) return "failed";
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "EMLINK" || error.code === "EXDEV" || error.code === "EPERM") return "copy";
    lane.receive.problem(joinPath(place.path, name), "link", error.errno);
    return "failed";
  }
  const made = exists
    ? (orders.changes[i] as number) & attributeChanges & ~change.content & ~change.size
    : change.created;
  orders.changes[i] = made | change.local | change.hardLink;
  countLinked(lane, source, orders, i);
  if (lane.settings.items !== "none")
    reportLink(lane, range, i, orders.changes[i] as number, leader.path);
  return "linked";
}

/** Looks at the leader on the target; false where it is not there (a dry run that would make it). */
function leaderStands(lane: LaneContext, path: ByteString): boolean {
  return withParent(lane, path, (dir) => lane.fs.stat(dir, baseName(path), leaderStat)) ?? false;
}

/** False = it could not be done, which was reported. */
function makeLink(lane: LaneContext, range: Range, leader: ByteString, name: ByteString): boolean {
  const { place, source, target, orders, from } = range;
  if (!makeRoom(lane, range, from)) return false;
  const seen = { listing: target, index: orders.target[from] as number };
  const wanted = { listing: source, index: from };
  const linked = withParent(lane, leader, (dir) =>
    linkStaged(lane.receive, { dir, name: baseName(leader) }, place, name, seen, wanted),
  );
  return linked ?? false;
}

function withParent<T>(
  lane: LaneContext,
  path: ByteString,
  act: (dir: DirHandle) => T,
): T | undefined {
  let dir: DirHandle;
  try {
    dir = lane.openTargetDirectory(parentPath(path));
  } catch (error) {
    if (error instanceof FsError && lane.settings.options.transfer.dryRun) return undefined;
    throw error;
  }
  try {
    return act(dir);
  } finally {
    lane.fs.closeDirectory(dir);
  }
}

function reportLink(
  lane: LaneContext,
  range: Range,
  i: number,
  changes: number,
  leader?: ByteString,
): void {
  report(lane, { ...range }, i, changes, leader);
}
