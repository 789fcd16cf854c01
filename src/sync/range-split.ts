// Splits the orders that a survey left into ranges for several lanes: about equal in bytes and
// entries, so that one directory of two hundred thousand files keeps every lane busy.

import { movesContent, Orders, order } from "../changeset/index.ts";
import { Directory } from "../tree/index.ts";
import { isHardLinked } from "./link-groups.ts";
import type { RestOfDirectory } from "./tasks.ts";

const rangeBytesMax = 16 * 1024 * 1024;
const rangeEntriesMax = 1024;

/** A range of entries and what it costs, in entries' worth of work. */
export interface SharedRange {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
  /** One name of a hard-link group. */
  readonly grouped: boolean;
}

/**
 * Yields consecutive ranges that cover the rest. With `hardLinks` every name of a hard-link group is a range of
 * its own, marked as such.
 */
export function* splitRange(rest: RestOfDirectory, hardLinks: boolean): Generator<SharedRange> {
  const source = Directory.thaw(rest.source);
  const orders = Orders.thaw(rest.orders);
  let from = rest.from;
  let bytes = 0;
  for (let i = rest.from; i < rest.to; i++) {
    if (hardLinks && orders.kind[i] !== order.skip && isHardLinked(source, i)) {
      if (from < i) yield { from, to: i, cost: costOf(i - from, bytes), grouped: false };
      yield { from: i, to: i + 1, cost: costOf(1, source.size[i] as number), grouped: true };
      from = i + 1;
      bytes = 0;
      continue;
    }
    if (movesContent(orders.kind[i] as number)) bytes += source.size[i] as number;
    if (bytes >= rangeBytesMax || i + 1 - from >= rangeEntriesMax) {
      yield { from, to: i + 1, cost: costOf(i + 1 - from, bytes), grouped: false };
      from = i + 1;
      bytes = 0;
    }
  }
  if (from < rest.to) yield { from, to: rest.to, cost: costOf(rest.to - from, bytes), grouped: false };
}

/** One entry costs about as much as copying 64 KiB. */
function costOf(entries: number, bytes: number): number {
  return entries + Math.ceil(bytes / 65536);
}
