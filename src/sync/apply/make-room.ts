// Frees the names that entries of another type are to take: at once, or, where that is possible, in
// the same step in which the successor comes (promises P1 and P6).

import { order } from "../../changeset/index.ts";
import { doomedEntry, inheritanceOf, type TargetPlace } from "../../pipeline/index.ts";
import { type Directory, isDirectory, isRegular, typeMask } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { Range } from "../tasks/range.ts";

/** The part of a range that this is about. */
type Room = Pick<Range, "source" | "target" | "orders" | "place">;

/**
 * Sees to it that entry `i` can have its name. False = what stands there must stay, which was reported. Where the
 * name was freed, the order forgets what stood there.
 */
export function makeRoom(lane: LaneContext, room: Room, i: number): boolean {
  const { source, target, orders, place } = room;
  const t = orders.target[i] as number;
  if (t < 0) return true;
  const wanted = source.mode[i] as number;
  if (!mustMakeWay(lane, wanted, target.mode[t] as number)) return true;
  const doomed = doomedEntry(lane.receive, target, t);
  const judged = lane.displaced.judge(place, doomed, wanted);
  if (judged !== "no") return judged === "yes";
  if (!lane.deletions.makeWay(place, doomed, wanted)) return false;
  orders.target[i] = -1;
  return true;
}

/** The same for a directory that takes the place of something else, not for dry runs. */
export function makeRoomForDirectory(
  lane: LaneContext,
  { place, target }: { readonly place: TargetPlace; readonly target: Directory },
  i: number,
): boolean {
  const { source, orders, displaced } = lane;
  const gives = inheritanceOf(lane.receive, place);
  // What a new directory gets from the one that it is made in, it would not get in staging.
  if (displaced.isPossible && gives.defaultAcl === undefined) return true;
  const doomed = doomedEntry(lane.receive, target, orders.target[i] as number);
  if (!lane.deletions.makeWay(place, doomed, source.mode[i] as number)) return false;
  orders.target[i] = -1;
  return true;
}

/**
 * What a dry run has to say about an entry in the way: whether it would go, and what would go with it. `linked`: what
 * comes is another name of a file.
 */
export function wouldMakeRoom(lane: LaneContext, room: Room, i: number, linked = false): boolean {
  const { source, target, orders, place } = room;
  const t = orders.target[i] as number;
  if (t < 0 || place.dir < 0) return true;
  const wanted = source.mode[i] as number;
  if (!mustMakeWay(lane, wanted, target.mode[t] as number)) {
    foretellBackup(lane, room, i, linked);
    return true;
  }
  const doomed = doomedEntry(lane.receive, target, t);
  const judged = lane.displaced.judge(place, doomed, wanted);
  if (judged === "yes") lane.displaced.noteDry(place, doomed.name);
  return judged === "no" ? lane.deletions.makeWay(place, doomed, wanted) : judged === "yes";
}

/**
 * Tells in a dry run that what entry `i` replaces would be kept. rsync's process that writes files has no part in a dry
 * run, and so a file that gets new content is not told there.
 */
export function foretellBackup(
  lane: LaneContext,
  { source, target, orders, place }: Room,
  i: number,
  linked = false,
): void {
  const { backups } = lane.receive;
  const kind = orders.kind[i];
  const isReplaced = linked || kind === order.replace || kind === order.change;
  if (backups === undefined || !isReplaced) return;
  const standing = target.mode[orders.target[i] as number] as number;
  const isContent = !linked && isRegular(standing) && isRegular(source.mode[i] as number);
  if (isContent && lane.settings.options.personality === "manifold-rsync") return;
  backups.keep(lane.receive, place, source.name(i), false);
}

/** A directory cannot be renamed over, and nothing but a regular file can be written in place. */
function mustMakeWay(lane: LaneContext, wanted: number, standing: number): boolean {
  if (((wanted ^ standing) & typeMask) === 0) return false;
  return isDirectory(standing) || lane.receive.options.content.inPlace;
}
