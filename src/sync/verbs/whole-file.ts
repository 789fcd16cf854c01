// A new file whose content came in one piece, written by the door in one go: the bulk of what a first
// copy's changeset has. Everything else is left to the way of tokens.

import {
  type ChangesetDigest,
  type OrderedDirectory,
  Orders,
  order,
  type Token,
} from "../../changeset/index.ts";
import { pickMark } from "../../fs/index.ts";
import { digestOf, sameDigest } from "../../hash/index.ts";
import { type TargetPlace, writeNewFiles } from "../../pipeline/index.ts";
import { change } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { tellApplied } from "./order-report.ts";

const nothing = new Uint8Array(0);
const single = new Orders();
/** The content of whichever row begins at the beginning. */
let starts = new Float64Array(256);

/** A file's content, and what its digest has to be. */
export interface WholeContent {
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

/** Returns the content that the tokens of a record are; undefined = there is more to come, or a basis is needed. */
export function wholeContent(
  tokens: readonly Token[],
  digest: Uint8Array | null | undefined,
): WholeContent | undefined {
  if (!digest) return undefined;
  const [first] = tokens;
  if (first === undefined) return { bytes: nothing, digest };
  return first.kind === "literal" && tokens.length === 1
    ? { bytes: first.bytes, digest }
    : undefined;
}

/** A row of a directory. */
interface RowAt {
  readonly place: TargetPlace;
  readonly orders: OrderedDirectory;
  readonly row: number;
}

/**
 * Writes the file of a row, whose name is free, and tells. False: nothing was done, and the usual way finds out why, if its content
 * has not the digest that came with it, too.
 */
export function takeWholeFile(
  lane: LaneContext,
  digestName: ChangesetDigest,
  { place, orders, row }: RowAt,
  { bytes, digest }: WholeContent,
): boolean {
  const { columns: listing } = orders.after;
  if (listing.size[row] !== bytes.length || lane.settings.rate !== undefined) return false;
  lane.transferred.literal = 0;
  lane.transferred.matched = 0;
  if (!sameDigest(digestOf(digestName, bytes), digest)) return false;
  single.reset(row + 1);
  single.kind[row] = order.add;
  if (starts.length <= row) starts = new Float64Array(row * 2);
  const files = { listing, orders: single, from: row, to: row + 1, bytes, starts };
  const marks = writeNewFiles(lane.receive, place, files);
  if (marks?.[row] !== pickMark.done) return false;
  lane.receive.count(bytes.length, 0);
  tellApplied(lane, place, orders, row, change.transfer | change.created);
  return true;
}
