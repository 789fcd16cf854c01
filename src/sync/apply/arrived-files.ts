// Files of a range whose content has arrived, written by the door in one go.

import { writeNewFiles } from "../../pipeline/index.ts";
import type { FarContent } from "../lane/far-content.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { Range } from "../tasks/range.ts";
import { countCopied } from "./copied-files.ts";

let starts = new Float64Array(256);

/** Writes what can be written in one go; returns marks by entry (pickMark), undefined = nothing was. */
export function writeInOneGo(
  lane: LaneContext,
  range: Range,
  content: FarContent,
): Uint8Array | undefined {
  const { place, source, orders, from, to } = range;
  const { settings, receive } = lane;
  if (settings.rate !== undefined || content.bytes.length === 0) return undefined;
  // Whose source is to go is looked after one by one.
  if (lane.settles.sources) return undefined;
  if (starts.length < to) starts = new Float64Array(to * 2);
  for (let i = from; i < to; i++) starts[i] = content.startOf(source, i);
  const { bytes } = content;
  const files = { listing: source, orders, from, to, bytes, starts };
  const marks = writeNewFiles(receive, place, files);
  if (marks !== undefined) countCopied(lane, range, marks);
  return marks;
}
