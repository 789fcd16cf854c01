// Frees the names that entries of another type are to take: at once, or, where that is possible, in
// the same step in which the successor comes (promises P1 and P6).

import { doomedEntry, inheritanceOf, type TargetPlace } from "../../pipeline/index.ts";
import { type Directory, isDirectory, typeMask } from "../../tree/index.ts";
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

/** What a dry run has to say about an entry in the way: whether it would go, and what would go with it. */
export function wouldMakeRoom(lane: LaneContext, room: Room, i: number): boolean {
  const { source, target, orders, place } = room;
  const t = orders.target[i] as number;
  if (t < 0 || place.dir < 0) return true;
  const wanted = source.mode[i] as number;
  if (!mustMakeWay(lane, wanted, target.mode[t] as number)) return true;
  const doomed = doomedEntry(lane.receive, target, t);
  const judged = lane.displaced.judge(place, doomed, wanted);
  if (judged === "yes") lane.displaced.noteDry(place, doomed.name);
  return judged === "no" ? lane.deletions.makeWay(place, doomed, wanted) : judged === "yes";
}

/** A directory cannot be renamed over, and nothing but a regular file can be written in place. */
function mustMakeWay(lane: LaneContext, wanted: number, standing: number): boolean {
  if (((wanted ^ standing) & typeMask) === 0) return false;
  return isDirectory(standing) || lane.receive.options.content.inPlace;
}
