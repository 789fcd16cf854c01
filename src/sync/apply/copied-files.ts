// Files of a range that the door copied in one go (pipeline's copyNewFiles): when it is asked to,
// and how they are counted.

import { type DirHandle, FsError, pickMark } from "../../fs/index.ts";
import { copyNewFiles } from "../../pipeline/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import type { Range } from "../tasks/range.ts";

/** Copies what can be copied in one go; returns marks by entry (pickMark), undefined = nothing was. */
export function copyInOneGo(
  lane: LaneCore,
  range: Range,
  content: OriginContent,
): Uint8Array | undefined {
  const { place, source, orders, from, to } = range;
  const { settings, receive } = lane;
  // What it copies is neither paced nor followed through links.
  const isWanted = place.isApart === true && settings.rate === undefined && lane.follow === "none";
  if (!isWanted || content.fs !== receive.fs || settings.options.transfer.openNoatime) {
    return undefined;
  }
  const dir = sourceDirectory(content);
  if (dir === undefined) return undefined;
  const marks = copyNewFiles(receive, place, { listing: source, orders, from, to, dir });
  if (marks !== undefined) countCopied(lane, range, marks);
  return marks;
}

/** The one directory that the range comes from; undefined = whoever opens its files will say why. */
export function sourceDirectory(content: OriginContent): DirHandle | undefined {
  try {
    return content.directory(0);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Counts those files of a range that are marked as done. */
export function countCopied(lane: LaneCore, { source, from, to }: Range, marks: Uint8Array): void {
  let files = 0;
  let bytes = 0;
  for (let i = from; i < to; i++) {
    if (marks[i] !== pickMark.done) continue;
    files++;
    bytes += source.size[i] as number;
  }
  for (const counter of ["doneFiles", "createdRegular", "transferredFiles"] as const) {
    lane.count(counter, files);
  }
  for (const counter of ["literal", "doneBytes", "transferredSize"] as const) {
    lane.count(counter, bytes);
  }
}
