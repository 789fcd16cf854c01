// Links one name of a hard-link group to its leader, which stands on the target already.

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import { type DirHandle, FsError, isSameInode, Stat } from "../../fs/index.ts";
import { linkStaged } from "../../pipeline/index.ts";
import {
  attributeChanges,
  change,
  type Directory,
  differingAttributes,
  isRegular,
  isSymlink,
} from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { LinkedTo } from "../tasks/link-groups.ts";
import type { Range } from "../tasks/range.ts";
import { countLinked } from "./apply-range.ts";
import { makeRoom, wouldMakeRoom } from "./make-room.ts";
import { report } from "./report-item.ts";

/** Errors of linking that say that these two can only be copies. */
const cannotLink = new Set(["EMLINK", "EXDEV", "EPERM"]);

const leaderStat = new Stat();
const ownStat = new Stat();

/** How linking ended: "copy" means that the file system cannot link these, the entry must be copied. */
export type Linked = "linked" | "unchanged" | "failed" | "copy";

/** Makes entry `range.from` another name of the leader, and reports it. */
export function linkEntry(lane: LaneContext, range: Range, leader: LinkedTo): Linked {
  const i = range.from;
  const { source, orders, place } = range;
  const name = source.name(i);
  const { dryRun } = lane.settings.options.transfer;
  let changes: number;
  const exists = place.dir >= 0 && lane.fs.stat(place.dir, name, ownStat);
  try {
    const led = leaderStands(lane, leader.path);
    if (exists && led && isSameInode(ownStat, leaderStat)) {
      return leaveLink(lane, range, i);
    }
    changes = madeChanges(lane, range, i, { exists, leader });
    if (dryRun ? !wouldMakeRoom(lane, range, i, true) : !makeLink(lane, range, leader.path, name))
      return "failed";
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const isLinking = error.operation.startsWith("link");
    if (isLinking && cannotLink.has(error.code)) return "copy";
    lane.receive.problem(joinPath(place.path, name), "link", error.errno);
    return "failed";
  }
  orders.changes[i] = changes | change.local | change.hardLink;
  countLinked(lane, source, orders, i);
  if (lane.settings.items !== "none")
    report(lane, range, i, orders.changes[i] as number, leader.path);
  return "linked";
}

/** The name is the leader's already. In a dry run that has not got its new attributes. */
function leaveLink(lane: LaneContext, range: Range, i: number): Linked {
  const { items, options } = lane.settings;
  const differing = options.transfer.dryRun ? standingChanges(lane, range, i) : 0;
  if (items === "all" || (items === "changed" && differing !== 0)) {
    const changes = differing | change.local | change.hardLink | change.upToDate;
    report(lane, range, i, changes);
  }
  lane.count("unchanged");
  return "unchanged";
}

/** What differs from what stands under the name, which may be of another type. */
function standingChanges(lane: LaneContext, { source, target, orders }: Range, i: number): number {
  const { attributes } = lane.diff;
  const t = orders.target[i] as number;
  const mode = source.mode[i] as number;
  const keepsTime = isSymlink(mode) ? attributes.linkTimes : attributes.times;
  const time = keepsTime ? "keep" : "now";
  const bits = differingAttributes(attributes, source, i, target, t, time);
  const isResized = isRegular(mode) && source.size[i] !== target.size[t];
  return isResized ? bits | change.size : bits;
}

/** What differed from what the name was before, or from what a basis directory has under it (as rsync tells it). */
function madeChanges(
  lane: LaneContext,
  range: Range,
  i: number,
  { exists, leader }: { readonly exists: boolean; readonly leader: LinkedTo },
): number {
  const { source, orders, place } = range;
  const kind = orders.kind[i] as number;
  // What is in the way of a name that has to wait makes way at once (in rsync), and the name is new afterwards.
  const { dryRun } = lane.settings.options.transfer;
  const wasFreed = leader.isDeferred && kind === order.replace && !dryRun;
  if (exists && (orders.target[i] as number) >= 0 && !wasFreed)
    return standingChanges(lane, range, i);
  const { basis } = lane;
  if (basis === undefined || leader.transferred || leader.isDeferred) return change.created;
  if (basis.kind !== "link") {
    const isLike = kind === order.copyBasis || kind === order.none;
    const differing = (orders.changes[i] as number) & attributeChanges & ~change.content;
    return isLike ? differing | timeOf(lane, source, i) : change.created;
  }
  const index = (orders.basis[i] as number) - 1;
  const isLinked =
    kind === order.linkBasis &&
    basis.stat(index, joinPath(place.path, source.name(i)), ownStat) &&
    // In a dry run the leader is not there, but what it would be linked to is.
    (!dryRun || basis.stat(index, leader.path, leaderStat)) &&
    isSameInode(ownStat, leaderStat);
  return isLinked ? change.basis : change.created;
}

/** Where times are not kept, an entry has another one each time. */
function timeOf(lane: LaneContext, source: Directory, i: number): number {
  const { times, linkTimes } = lane.diff.attributes;
  return (isSymlink(source.mode[i] as number) ? linkTimes : times) ? 0 : change.mtimeNow;
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
