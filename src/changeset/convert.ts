// Between the in-memory form of orders (columns beside two listings, as diff makes them and receive
// carries them out) and the rows of a changeset. Only entries that have an order become rows;
// nothing is allocated for the others.

import type { ByteString } from "../base/index.ts";
import { type OrderedDirectory, orderKind } from "./ordered-directory.ts";
import { type Orders, order } from "./orders.ts";
import type { Preserved } from "./record.ts";
import { copySides } from "./row-copy.ts";
import { clearState } from "./state-rows.ts";
import type { States } from "./states.ts";

/** Which attributes travel; the others are left out even where a listing happens to have them. */
export interface CarriedAttributes {
  readonly atimes: boolean;
  readonly crtimes: boolean;
  readonly xattrs: boolean;
}

/** What travels for a header's `preserves`. */
export function carriedAttributes(preserves: readonly Preserved[]): CarriedAttributes {
  return {
    atimes: preserves.includes("atime"),
    crtimes: preserves.includes("crtime"),
    xattrs: preserves.includes("acls") || preserves.includes("xattrs"),
  };
}

/** The two sides of a directory, and what was decided. */
export interface ComparedDirectory {
  readonly source: States;
  readonly target: States;
  /** No order of kind compare, and none about a basis directory: those are settled by whoever applies. */
  readonly orders: Orders;
}

const kinds: Readonly<Record<number, number>> = {
  [order.add]: orderKind.add,
  [order.replace]: orderKind.change,
  [order.change]: orderKind.change,
  [order.meta]: orderKind.meta,
};

/** Appends a row for every entry that has an order; `into` is the record of its directory. */
export function collectOrders(
  { source, target, orders }: ComparedDirectory,
  carried: CarriedAttributes,
  into: OrderedDirectory,
): void {
  const { names, nameStart, nameLength } = source.columns;
  for (let i = 0; i < orders.count; i++) {
    const t = orders.target[i] as number;
    const kind = kindOf(orders.kind[i] as number, source.links.get(i), target.links.get(t));
    if (kind === undefined) continue;
    const start = nameStart[i] as number;
    const row = into.addRow(kind, names, start, start + (nameLength[i] as number));
    if (t < 0) clearState(into.before, row);
    else carryState(target, t, into.before, row, carried);
    carryState(source, i, into.after, row, carried);
  }
}

/** Hard links that differ are an order of their own, whatever the entries' attributes say. */
function kindOf(
  decided: number,
  link: ByteString | undefined,
  wasLink: ByteString | undefined,
): number | undefined {
  const kind = kinds[decided];
  if (decided === order.skip) return kind;
  if (link !== undefined) {
    const isSame = link === wasLink && (kind === undefined || kind === orderKind.meta);
    return isSame ? kind : orderKind.link;
  }
  return wasLink === undefined ? kind : orderKind.change;
}

/** Appends a DEL for entry `t` of the target; `into` is the closing record of its directory. */
export function collectDeletion(
  target: States,
  t: number,
  carried: CarriedAttributes,
  into: OrderedDirectory,
): void {
  const { names, nameStart, nameLength } = target.columns;
  const start = nameStart[t] as number;
  const row = into.addRow(orderKind.del, names, start, start + (nameLength[t] as number));
  carryState(target, t, into.before, row, carried);
  clearState(into.after, row);
}

/** Copies an entry of a listing into a row, as far as it travels (hot loop: plain parameters). */
export function carryState(
  from: States,
  i: number,
  states: States,
  row: number,
  carried: CarriedAttributes,
): void {
  clearState(states, row);
  const columns = states.columns;
  const listing = from.columns;
  columns.mode[row] = listing.mode[i] as number;
  columns.size[row] = listing.size[i] as number;
  columns.mtime[row] = listing.mtime[i] as number;
  columns.mtimeNanos[row] = listing.mtimeNanos[i] as number;
  columns.uid[row] = listing.uid[i] as number;
  columns.gid[row] = listing.gid[i] as number;
  columns.rdevMajor[row] = listing.rdevMajor[i] as number;
  columns.rdevMinor[row] = listing.rdevMinor[i] as number;
  if (carried.atimes) {
    columns.atime[row] = listing.atime[i] as number;
    columns.atimeNanos[row] = listing.atimeNanos[i] as number;
  }
  if (carried.crtimes) {
    columns.crtime[row] = listing.crtime[i] as number;
    columns.crtimeNanos[row] = listing.crtimeNanos[i] as number;
  }
  copySides(listing, i, columns, row);
  if (!carried.xattrs) columns.xattrs.delete(row);
  const digest = from.digests.get(i);
  if (digest !== undefined) states.digests.set(row, digest);
  const link = from.links.get(i);
  if (link !== undefined) states.links.set(row, link);
}
