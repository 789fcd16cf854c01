// Splits the orders that a survey left into ranges for several lanes: about equal in bytes and
// entries, so that one directory of two hundred thousand files keeps every lane busy.

import { movesContent, Orders, order } from "../../changeset/index.ts";
import { change, Directory, typeMask, typeRegular } from "../../tree/index.ts";
import type { RangeWish } from "../tasks/far-tasks.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import { rangeCost, rangeEntriesMax } from "../tasks/range.ts";
import type { RestOfDirectory } from "../tasks/tasks.ts";

const usualBytesMax = 16 * 1024 * 1024;

/** A range of entries and what it costs, in entries' worth of work. */
export interface SharedRange {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
  /** One name of a hard-link group. */
  readonly grouped: boolean;
  /** One file that is worth copying in pieces. */
  readonly large: boolean;
}

/** Returns the rest as the one range that it is where what it needs of another machine is known already. */
export function wholeRange({ from, to }: RestOfDirectory, { bytes }: RangeWish): SharedRange {
  return { from, to, cost: rangeCost(to - from, bytes), ...plain };
}

/**
 * Yields consecutive ranges that cover the rest. With `hardLinks` every name of a hard-link group is a range of
 * its own, marked as such, and so is every file of at least `largeBytesMin` bytes that has to be copied.
 */
export function* splitRange(
  rest: RestOfDirectory,
  {
    hardLinks,
    largeBytesMin,
    rangeBytesMax = usualBytesMax,
  }: {
    readonly hardLinks: boolean;
    readonly largeBytesMin: number;
    readonly rangeBytesMax?: number | undefined;
  },
): Generator<SharedRange> {
  const source = Directory.thaw(rest.source);
  const orders = Orders.thaw(rest.orders);
  const entriesMax = Math.min(rest.entriesMax ?? rangeEntriesMax, rangeEntriesMax);
  let from = rest.from;
  let bytes = 0;
  for (let i = rest.from; i < rest.to; i++) {
    const isLinkable =
      orders.kind[i] !== order.skip || ((orders.changes[i] as number) & change.upToDate) !== 0;
    const grouped = hardLinks && isLinkable && isHardLinked(source, i);
    const large = (source.size[i] as number) >= largeBytesMin && isCopied(source, orders, i);
    if (grouped || large) {
      if (from < i) yield { from, to: i, cost: rangeCost(i - from, bytes), ...plain };
      const cost = rangeCost(1, source.size[i] as number);
      yield { from: i, to: i + 1, cost, grouped, large: large && !grouped };
      from = i + 1;
      bytes = 0;
      continue;
    }
    if (movesContent(orders.kind[i] as number)) bytes += source.size[i] as number;
    if (bytes >= rangeBytesMax || i + 1 - from >= entriesMax) {
      yield { from, to: i + 1, cost: rangeCost(i + 1 - from, bytes), ...plain };
      from = i + 1;
      bytes = 0;
    }
  }
  if (from < rest.to) yield { from, to: rest.to, cost: rangeCost(rest.to - from, bytes), ...plain };
}

const plain = { grouped: false, large: false } as const;

/** Says whether the entry is a file that gets its content from the source, or may. */
function isCopied(source: Directory, orders: Orders, i: number): boolean {
  const kind = orders.kind[i] as number;
  const isFile = ((source.mode[i] as number) & typeMask) === typeRegular;
  return isFile && copying.has(kind);
}

const copying: ReadonlySet<number> = new Set([
  order.add,
  order.change,
  order.replace,
  order.compare,
]);
