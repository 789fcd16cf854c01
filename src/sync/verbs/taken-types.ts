// Which entries of a changeset a target takes: types that the user or the file system does not want
// are left out and told, as by a sync.

import { joinPath } from "../../base/index.ts";
import type { OrderedDirectory } from "../../changeset/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { isDevice, isSpecial, isSymlink, isUnsafeSymlink } from "../../tree/index.ts";
import { tellSkippedNode } from "../lane/door-limits.ts";
import type { LaneContext } from "../lane/lane-context.ts";

/** Says whether the target takes what row `row` makes; tells if not. */
export function isTaken(
  lane: LaneContext,
  place: TargetPlace,
  orders: OrderedDirectory,
  row: number,
): boolean {
  const { diff } = lane;
  const mode = orders.after.columns.mode[row] as number;
  const takesType =
    (!isDevice(mode) || diff.devices) &&
    (!isSpecial(mode) || diff.specials) &&
    (!isSymlink(mode) || diff.links);
  const path = joinPath(place.path, orders.name(row));
  if (!takesType) tellSkippedNode(lane, path, mode);
  const target = orders.after.columns.linkTargets.get(row);
  if (!takesType || target === undefined || !diff.safeLinks) return takesType;
  if (!isUnsafeSymlink(target, path)) return true;
  lane.note("symsafe", 1, `ignoring unsafe symlink "${path}" -> "${target}"`);
  return false;
}
