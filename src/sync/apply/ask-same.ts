// Which files of a range the source's end is only asked about: is each what stands under its name already? They are
// asked about by a column of digests, for most files of an update stay as they are.

import { movesContent, type Orders } from "../../changeset/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { hasRow, type RowBits, type RowDigests } from "../../session/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { batchBytes, digestMany } from "./digest-many.ts";
import { usesBasis } from "./likely-sums.ts";

/** Entries of a directory, each wanted for the first time, and made of nothing but what stands under its name. */
export interface AskedRange {
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
  /** Of which it is known that they are others. */
  readonly others?: RowBits | undefined;
}

/** Rows of a directory that both sides have, in the order of the listings. */
export interface AlikeRows {
  /** Of the source. */
  readonly rows: readonly number[];
  /** Of the target. */
  readonly own: readonly number[];
}

/** Says whether digests can tell what the target need not be sent: the other end has them, and the run wants to know. */
export function asksTogether({ receive, settings, fs }: LaneContext): boolean {
  const { inPlace, partials } = receive.options.content;
  // Something else may be continued.
  const isAlone = inPlace || partials === undefined;
  const { dryRun } = settings.options.transfer;
  const isPlain = isAlone && !receive.options.fakeSuper && !dryRun;
  return isPlain && asksTwice({ settings }) && fs.readFiles !== undefined;
}

/** Says whether a file that is not what it looked like is wished for once more: the other end has to match blocks. */
export function asksTwice({ settings }: Pick<LaneContext, "settings">): boolean {
  return usesBasis({ settings }) && settings.farMatches === true;
}

/**
 * Returns the question about those files of a range that have the wanted size and are not large; undefined = there are
 * none. What cannot be read as it was listed is not asked about. `open` opens the directory. Throws FsError.
 */
export function askSame(
  lane: LaneContext,
  range: AskedRange,
  open: () => TargetPlace,
): RowDigests | undefined {
  if (!asksTogether(lane)) return undefined;
  const { rows, own } = alikeRows(range, Number.POSITIVE_INFINITY);
  if (rows.length === 0) return undefined;
  const { dir } = open();
  const question = digestMany(lane, { fs: lane.fs, dir }, range.target, own, { as: rows });
  return question.digests.length === 0 ? undefined : question;
}

/** Returns the rows of files that may be the same, of so many bytes together. */
export function alikeRows(
  { source, target, orders, from, to, others }: AskedRange,
  bytesMax: number,
): AlikeRows {
  const rows: number[] = [];
  const own: number[] = [];
  let last = -1;
  let bytes = 0;
  for (let i = from; i < to; i++) {
    const t = orders.target[i] as number;
    if (t <= last || !movesContent(orders.kind[i] as number)) continue;
    const size = source.size[i] as number;
    if (size !== target.size[t] || size > batchBytes || size === 0) continue;
    if (!isRegular(source.mode[i] as number) || !isRegular(target.mode[t] as number)) continue;
    if (hasRow(others, i)) continue;
    bytes += size;
    if (bytes > bytesMax) break;
    rows.push(i);
    own.push(t);
    last = t;
  }
  return { rows, own };
}
