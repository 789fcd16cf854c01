// Links one name of a hard-link group to its leader, which stands on the target already.

import { type ByteString, baseName, joinPath, parentPath } from "../base/index.ts";
import { order } from "../changeset/index.ts";
import { type DirHandle, FsError, isSameInode, Stat } from "../fs/index.ts";
import { linkStaged } from "../pipeline/index.ts";
import { attributeChanges, change, isSymlink } from "../tree/index.ts";
import { countLinked } from "./apply-range.ts";
import type { LaneContext } from "./lane-context.ts";
import type { LinkLeader } from "./link-groups.ts";
import { makeRoom } from "./make-room.ts";
import type { Range } from "./range.ts";
import { report } from "./report-item.ts";

/** Errors of linking that say that these two can only be copies. */
const cannotLink = new Set(["EMLINK", "EXDEV", "EPERM"]);

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
    if (exists && led && (!dryRun || leader.kept) && isSameInode(ownStat, leaderStat)) {
      if (lane.settings.items === "all") reportLink(lane, range, i, change.local | change.hardLink);
      lane.count("unchanged");
      return "unchanged";
    }
    if (!dryRun && !makeLink(lane, range, leader.path, name)) return "failed";
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const isLinking = error.operation.startsWith("link");
    if (isLinking && cannotLink.has(error.code)) return "copy";
    lane.receive.problem(joinPath(place.path, name), "link", error.errno);
    return "failed";
  }
  orders.changes[i] =
    madeChanges(lane, range, i, { exists, leader }) | change.local | change.hardLink;
  countLinked(lane, source, orders, i);
  if (lane.settings.items !== "none")
    reportLink(lane, range, i, orders.changes[i] as number, leader.path);
  return "linked";
}

/** What differed from what the name was before, or from what a basis directory has under it (as rsync tells it). */
function madeChanges(
  lane: LaneContext,
  range: Range,
  i: number,
  { exists, leader }: { readonly exists: boolean; readonly leader: LinkLeader },
): number {
  const { source, orders, place } = range;
  const kind = orders.kind[i] as number;
  const { times, linkTimes } = lane.diff.attributes;
  const keepsTime = isSymlink(source.mode[i] as number) ? linkTimes : times;
  const timeless = (orders.changes[i] as number) & attributeChanges & ~change.content;
  const differing = keepsTime ? timeless : timeless | change.mtimeNow;
  if (exists) return kind === order.replace ? change.created : differing;
  const { basis } = lane;
  if (basis === undefined || leader.followersAreNew) return change.created;
  if (basis.kind !== "link")
    return kind === order.copyBasis || kind === order.none ? differing : change.created;
  const index = (orders.basis[i] as number) - 1;
  const isLinked =
    kind === order.linkBasis &&
    basis.stat(index, joinPath(place.path, source.name(i)), ownStat) &&
    // In a dry run the leader is not there, but what it would be linked to is.
    (!lane.settings.options.transfer.dryRun || basis.stat(index, leader.path, leaderStat)) &&
    isSameInode(ownStat, leaderStat);
  return isLinked ? change.basis : change.created;
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
