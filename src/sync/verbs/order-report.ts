// What carrying out an order of a changeset changes, and how that is counted and told.

import { joinPath } from "../../base/index.ts";
import { type OrderedDirectory, orderKind, selfName } from "../../changeset/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import {
  change,
  type Directory,
  differingAttributes,
  isDirectory,
  isRegular,
  isSymlink,
  typeMask,
} from "../../tree/index.ts";
import { countEntry } from "../apply/apply-range.ts";
import { itemEvent } from "../apply/item-event.ts";
import type { LaneContext } from "../lane/lane-context.ts";

/** Returns what the order changes of what stands there (`seen`, its first row; mode 0 = nothing), as bits; `how` among them. */
export function appliedChanges(
  lane: LaneContext,
  seen: Directory,
  orders: OrderedDirectory,
  row: number,
  how: number,
): number {
  const listing = orders.after.columns;
  const [mode, found] = [listing.mode[row] as number, seen.mode[0] as number];
  // What takes the place of another type is new, as rsync tells it.
  if (found === 0 || ((mode ^ found) & typeMask) !== 0) return how | change.created;
  const rules = lane.diff.attributes;
  const keepsTime = isSymlink(mode) ? rules.linkTimes : rules.times;
  const bits = differingAttributes(rules, listing, row, seen, 0, keepsTime ? "keep" : "now");
  const isOther = isRegular(mode) && listing.size[row] !== seen.size[0];
  const content = isRegular(mode) || (how & change.hardLink) !== 0 ? 0 : change.content;
  return how | bits | content | (isOther ? change.size : 0);
}

/** Returns what is not as the order leaves it of an entry (`seen`, its first row) whose content is. */
export function wrongAttributes(
  lane: LaneContext,
  seen: Directory,
  orders: OrderedDirectory,
  row: number,
): number {
  const rules = lane.diff.attributes;
  const listing = orders.after.columns;
  const mode = listing.mode[row] as number;
  const keepsTime = isDirectory(mode)
    ? rules.dirTimes && orders.kind[row] === orderKind.meta
    : isSymlink(mode)
      ? rules.linkTimes
      : rules.times;
  return differingAttributes(rules, listing, row, seen, 0, keepsTime ? "keep" : "leave");
}

/** Counts and tells what was done. */
export function tellApplied(
  lane: LaneContext,
  place: TargetPlace,
  orders: OrderedDirectory,
  row: number,
  changes: number,
): void {
  const listing = orders.after.columns;
  countEntry(lane, listing.mode[row] as number, listing.size[row] as number, changes);
  if (lane.settings.items === "none") return;
  const name = orders.name(row);
  const path = name === selfName ? name : joinPath(place.path, name);
  const transferred = lane.settings.options.transfer.dryRun ? undefined : lane.transferred;
  const event = itemEvent(listing, row, changes, path, transferred);
  const to = orders.after.links.get(row);
  lane.events.push(to === undefined ? event : { ...event, linkTarget: to });
}
