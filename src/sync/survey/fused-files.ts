// What a survey applies itself (docs/decisions/0010-fused-surveys.md): the files of its directory, as
// long as that is little and quick; the rest is left for all lanes to share.

import { movesContent, type Orders, order } from "../../changeset/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { type Directory, firstDirectory } from "../../tree/index.ts";
import { applyRange } from "../apply/apply-range.ts";
import { smallWish, wantsContent } from "../apply/wish-content.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { Told } from "../tasks/range.ts";
import type { RestOfDirectory, SurveyTask } from "../tasks/tasks.ts";

/** Content that a survey applies itself before it leaves the rest for others to share. */
const fusedBytesMax = 16 * 1024 * 1024;
const fusedEntriesMax = 2000;
/** And the time that it may take: on slow storage others can help much earlier. */
const fusedMsMax = 100;
/** Entries before the first look at the clock. */
const firstEntries = 16;

/** A directory in the middle of its survey. */
export interface Surveyed {
  readonly lane: LaneContext;
  readonly task: SurveyTask;
  readonly place: TargetPlace;
  readonly target: Directory;
  /** What is known of contents. */
  readonly told?: Told | undefined;
}

/** Applies what is not a directory, up to the fused limits, and leaves the rest. */
export function applyFiles(surveyed: Surveyed): {
  readonly rest: RestOfDirectory | undefined;
  readonly touched: boolean;
  /** Entries before this one were applied. */
  readonly to: number;
} {
  const { lane, task, target, place, told } = surveyed;
  const { source, orders } = lane;
  const end = firstDirectory(source);
  if (task.deletionsOnly) return { rest: undefined, touched: false, to: 0 };
  const free = lane.settings.options.preserve.hardLinks ? firstHardLink(source, end) : end;
  if (free === end && lane.leavesUnchanged && isUnchanged(orders, end)) {
    lane.count("unchanged", end);
    return { rest: undefined, touched: false, to: end };
  }
  const isFused = lane.isFused || task.ahead !== undefined;
  const goal = Math.min(free, isFused ? fusedRange(surveyed, end) : firstOrder(lane, end));
  const { touched, to, entriesMax } = applyInTime(surveyed, goal);
  if (to === end) return { rest: undefined, touched, to };
  const open = {
    path: task.path,
    ...(place.dir >= 0 && { place }),
    source,
    target,
    orders,
    from: to,
    to: end,
    others: told?.others,
  };
  const rest = {
    source: source.freeze(),
    target: target.freeze(),
    orders: orders.freeze(),
    from: to,
    to: end,
    entriesMax,
    told,
    // Where others are to take part, they wish, too.
    wish: lane.arrivals && entriesMax === undefined ? smallWish(lane, open) : undefined,
  };
  return { rest, touched, to };
}

/** Applies entries up to `goal`, or as many as there is time for; then it says how many others can do in that time. */
function applyInTime(
  surveyed: Surveyed,
  goal: number,
): { readonly touched: boolean; readonly to: number; readonly entriesMax: number | undefined } {
  const { lane, task, place, target, told } = surveyed;
  const { source, orders, clock } = lane;
  const began = clock.now();
  let touched = false;
  let to = 0;
  // What is here is not asked for once more: it is bounded by whoever sent it.
  const sure = task.ahead?.to ?? 0;
  for (let step = Math.max(firstEntries, sure); to < goal; ) {
    const from = to;
    to = Math.min(goal, from + step);
    const range = { task, place, source, target, orders, from, to, told };
    const applied = applyRange(lane, range);
    touched ||= applied.touched;
    const elapsed = clock.now() - began;
    if (elapsed >= fusedMsMax && to < goal && to >= sure) {
      return { touched, to, entriesMax: Math.max(1, Math.floor((to * fusedMsMax) / elapsed)) };
    }
    // Half the time that there is, at the pace so far.
    step = Math.max(firstEntries, Math.floor((to * fusedMsMax) / 2 / Math.max(elapsed, 0.01)));
  }
  return { touched, to, entriesMax: undefined };
}

/** Says whether the first entries need nothing at all. */
function isUnchanged({ kind }: Orders, end: number): boolean {
  for (let i = 0; i < end; i++) if (kind[i] !== order.none) return false;
  return true;
}

/** Names of hard-link groups wait for their turn in listing order; so does what comes after them. */
function firstHardLink(source: Directory, end: number): number {
  for (let i = 0; i < end; i++) if (isHardLinked(source, i)) return i;
  return end;
}

function fusedRange({ lane, task }: Surveyed, end: number): number {
  const { source, orders } = lane;
  const sure = task.ahead?.to ?? 0;
  let bytes = 0;
  let entries = 0;
  for (let i = 0; i < end; i++) {
    const kind = orders.kind[i] as number;
    if (kind === order.none || kind === order.skip) continue;
    // What has to come from another machine is waited for by nobody.
    if (i < sure) continue;
    if (lane.arrivals !== undefined && wantsContent(lane, source, orders, i)) return i;
    if (movesContent(kind) || kind === order.compare) bytes += source.size[i] as number;
    entries++;
    if (bytes > fusedBytesMax || entries > fusedEntriesMax) return i;
  }
  return end;
}

/** Unfused, a survey still applies the head of the listing that has no orders at all. */
function firstOrder(lane: LaneContext, end: number): number {
  const { orders } = lane;
  let i = 0;
  while (i < end && (orders.kind[i] === order.none || orders.kind[i] === order.skip)) i++;
  return i;
}
