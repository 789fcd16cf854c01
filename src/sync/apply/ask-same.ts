// Which files of a range the source's end is only asked about: is each what stands under its name already? They are
// asked about by a column of digests, for most files of an update stay as they are.

import { movesContent, type Orders } from "../../changeset/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { askedDigestBytes, rowBits, type SameQuestion, setRow } from "../../session/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { batchBytes, digestMany } from "./digest-many.ts";

/** Entries of a directory, each wanted for the first time, and made of nothing but what stands under its name. */
export interface AskedRange {
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the question about those files of a range that have the wanted size and are not large; undefined = there are
 * none. What cannot be read as it was listed is not asked about. `open` opens the directory. Throws FsError.
 */
export function askSame(
  lane: LaneContext,
  range: AskedRange,
  open: () => TargetPlace,
): SameQuestion | undefined {
  const { fs } = lane;
  if (fs.readFiles === undefined) return undefined;
  const { target, from, to } = range;
  const pairs = pairsOfSize(range);
  if (pairs.rows.length === 0) return undefined;
  const { dir } = open();
  const digests = new Uint8Array(pairs.rows.length * askedDigestBytes);
  const known = digestMany(lane, { fs, dir }, target, pairs.own, digests, askedDigestBytes);
  const asked = rowBits(from, to - from);
  let used = 0;
  pairs.rows.forEach((row, k) => {
    if (known[k] === 0) return;
    const at = k * askedDigestBytes;
    if (at > used) digests.copyWithin(used, at, at + askedDigestBytes);
    used += askedDigestBytes;
    setRow(asked, row);
  });
  return used === 0 ? undefined : { ...asked, digests: digests.subarray(0, used) };
}

/** Returns the rows of both sides, in the listings' order. */
function pairsOfSize({ source, target, orders, from, to }: AskedRange): {
  readonly rows: readonly number[];
  readonly own: readonly number[];
} {
  const rows: number[] = [];
  const own: number[] = [];
  let last = -1;
  for (let i = from; i < to; i++) {
    const t = orders.target[i] as number;
    if (t <= last || !movesContent(orders.kind[i] as number)) continue;
    const size = source.size[i] as number;
    if (size !== target.size[t] || size > batchBytes || size === 0) continue;
    if (!isRegular(source.mode[i] as number) || !isRegular(target.mode[t] as number)) continue;
    rows.push(i);
    own.push(t);
    last = t;
  }
  return { rows, own };
}
