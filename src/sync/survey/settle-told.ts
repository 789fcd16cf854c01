// Files whose digests came with their directory: those that are what the target has under their names keep their content.

import { order } from "../../changeset/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import { compareRows, hasRow, type RowDigests } from "../../session/index.ts";
import { type Directory, firstDirectory, isRegular } from "../../tree/index.ts";
import { type AlikeRows, alikeRows, asksTogether } from "../apply/ask-same.ts";
import { digestMany } from "../apply/digest-many.ts";
import { keepsEqual } from "../apply/keep-content.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { toldBytesMax, toldMsMax } from "../tasks/far-tasks.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { Told } from "../tasks/range.ts";

/**
 * Makes orders for attributes alone of those whose content the target has under their names, and says of which that is
 * known; undefined = of none. Counts, too, how many there are of which it could be, so that the other end may tell.
 */
export function settleTold(
  lane: LaneContext,
  dir: DirHandle | undefined,
  target: Directory,
  digests: RowDigests | undefined,
): Told | undefined {
  if (dir === undefined || lane.diff.checksum) return undefined;
  if (!asksTogether(lane) || !keepsEqual(lane, dir)) return undefined;
  const { source, orders } = lane;
  const to = firstDirectory(source);
  const alike = alikeRows({ source, target, orders, from: 0, to }, toldBytesMax);
  lane.looked.files += countFiles(source, to);
  lane.looked.alike += alike.rows.length;
  if (digests === undefined) return undefined;
  const { rows, own } = keptRows(lane, target, alike, digests);
  const ways = { as: rows, msMax: toldMsMax };
  const told = compareRows(digests, digestMany(lane, { fs: lane.fs, dir }, target, own, ways));
  let bytes = 0;
  let files = 0;
  for (const row of rows) {
    if (!hasRow(told.same, row)) continue;
    orders.kind[row] = order.meta;
    bytes += source.size[row] as number;
    files++;
  }
  lane.count("doneFiles", files);
  lane.count("doneBytes", bytes);
  lane.count("matched", bytes);
  return told;
}

function countFiles({ mode }: Directory, to: number): number {
  let files = 0;
  for (let row = 0; row < to; row++) if (isRegular(mode[row] as number)) files++;
  return files;
}

/** Leaves out what has other names, which keep what it is, and what nothing is known of. */
function keptRows(
  { source, orders, settings }: LaneContext,
  target: Directory,
  { rows, own }: AlikeRows,
  digests: RowDigests,
): AlikeRows {
  const { hardLinks } = settings.options.preserve;
  const kept: { rows: number[]; own: number[] } = { rows: [], own: [] };
  for (const [k, row] of rows.entries()) {
    const t = own[k] as number;
    if (orders.kind[row] !== order.change || target.nlink[t] !== 1) continue;
    if (!hasRow(digests, row) || (hardLinks && isHardLinked(source, row))) continue;
    kept.rows.push(row);
    kept.own.push(t);
  }
  return kept;
}
