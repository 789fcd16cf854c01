// Digests of many small files of one directory, which are read many at a time.

import { type DirHandle, type FileSystem, pickMark } from "../../fs/index.ts";
import { blockHash } from "../../hash/index.ts";
import { askedDigestBytes, type RowDigests, rowBits, setRow } from "../../session/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";

/** Bytes of files that are read in one go; the longest of them. */
export const batchBytes = 1024 * 1024;

let marks = new Uint8Array(256);
let bytes: Uint8Array | undefined;

/** How that is done. */
interface Ways {
  /** The rows that they go by, which ascend, too; undefined = those of the listing. */
  readonly as?: readonly number[];
  /** Milliseconds after which no more are read; undefined = all are. */
  readonly msMax?: number;
}

/**
 * Reads files by their rows in the directory's listing, which ascend, and returns the digests of those that still are what
 * was listed; others have to be looked at in another way.
 */
export function digestMany(
  lane: Pick<LaneContext, "checkCancelled" | "clock">,
  { fs, dir }: { readonly fs: FileSystem; readonly dir: DirHandle },
  listing: Directory,
  rows: readonly number[],
  { as = rows, msMax = Number.POSITIVE_INFINITY }: Ways = {},
): RowDigests {
  const stopAt = lane.clock.now() + msMax;
  if (marks.length < listing.count) marks = new Uint8Array(listing.count * 2);
  bytes ??= Buffer.allocUnsafeSlow(batchBytes);
  const hash = blockHash("blake3");
  const begin = as[0] ?? 0;
  const known = rowBits(begin, (as.at(-1) ?? begin) + 1 - begin);
  const digests = new Uint8Array(rows.length * askedDigestBytes);
  let used = 0;
  for (let first = 0; first < rows.length && (first === 0 || lane.clock.now() < stopAt); ) {
    lane.checkCancelled();
    const end = markBatch(listing, rows, first);
    const [from, last] = [rows[first] as number, rows[end - 1] as number];
    fs.readFiles?.(dir, listing, from, last + 1, marks, bytes, 0);
    let at = 0;
    for (; first < end; first++) {
      const row = rows[first] as number;
      if (marks[row] !== pickMark.done) continue;
      const stop = at + (listing.size[row] as number);
      hash(digests, used, askedDigestBytes, bytes, at, stop);
      setRow(known, as[first] as number);
      used += askedDigestBytes;
      at = stop;
    }
  }
  return { ...known, digests: digests.subarray(0, used) };
}

/** Marks the rows that are read together with the one at `first`, and no others between them; returns where they end. */
function markBatch({ size }: Directory, rows: readonly number[], first: number): number {
  const begin = rows[first] as number;
  let next = begin;
  let sum = 0;
  let end = first;
  for (; end < rows.length; end++) {
    const row = rows[end] as number;
    sum += size[row] as number;
    if (sum > batchBytes && end > first) break;
    marks.fill(pickMark.none, next, row);
    marks[row] = pickMark.wanted;
    next = row + 1;
  }
  return end;
}
