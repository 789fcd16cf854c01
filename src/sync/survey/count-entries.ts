// Counts what a source listing has, by type.

import {
  type CounterName,
  type Directory,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";

/** Adds the entries of a source listing to the lane's counters. */
export function countEntries(lane: LaneCore, source: Directory): void {
  let regular = 0;
  let bytes = 0;
  for (let i = 0; i < source.count; i++) {
    const type = (source.mode[i] as number) & typeMask;
    if (type === typeRegular) {
      regular++;
      bytes += source.size[i] as number;
    } else {
      lane.count(entryCounter(type));
      if (type === typeSymlink) bytes += source.size[i] as number;
    }
  }
  lane.count("regular", regular);
  lane.count("totalSize", bytes);
}

/** Which counter an entry of this type belongs to. */
export function entryCounter(type: number): CounterName {
  if (type === typeRegular) return "regular";
  if (type === typeDirectory) return "directories";
  if (type === typeSymlink) return "symlinks";
  if (type === typeBlock || type === typeCharacter) return "devices";
  return "specials";
}
