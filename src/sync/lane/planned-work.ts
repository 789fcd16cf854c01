// What a run plans to move and has moved, for percentage and remaining time. Both sides count the
// same things: the files whose content an order may move, each with its size, once.

import { movesContent, type Orders } from "../../changeset/index.ts";
import { type Directory, typeMask, typeRegular } from "../../tree/index.ts";
import type { LaneCore } from "./lane-core.ts";

/** Says whether the order of entry `i` counts. */
export function isPlanned(source: Directory, orders: Orders, i: number): boolean {
  return (
    movesContent(orders.kind[i] as number) &&
    ((source.mode[i] as number) & typeMask) === typeRegular
  );
}

/** Counts what the orders of entries `from` up to `to` (default: of a surveyed directory) will move. */
export function countPlanned(
  lane: LaneCore,
  source: Directory,
  orders: Orders,
  from = 0,
  to = source.count,
): void {
  let files = 0;
  let bytes = 0;
  for (let i = from; i < to; i++) {
    if (!isPlanned(source, orders, i)) continue;
    files++;
    bytes += source.size[i] as number;
  }
  if (files === 0) return;
  lane.count("plannedFiles", files);
  lane.count("plannedBytes", bytes);
}

/**
 * Counts a planned file as done, however it ended: `paced` of its bytes were counted while they moved, the rest
 * (holes, a link instead of a copy, a failure, a dry run) is added now.
 */
export function countDone(lane: LaneCore, size: number, paced: number): void {
  lane.count("doneFiles");
  lane.count("doneBytes", size - paced);
}
