// Single orders turned round, and brought into listing order again: what is a directory before need
// not be one afterwards.

import { isDirectory } from "../tree/index.ts";
import { compareRows } from "./entry-order.ts";
import type { Section } from "./order-codec.ts";
import { type OrderedDirectory, orderKind } from "./ordered-directory.ts";
import { selfName } from "./paths.ts";
import { addRowLike, copyState } from "./row-copy.ts";

/** Appends to `inverse` those inverses of the part's orders that belong into section `into` of the inverse. */
export function addInverse(
  part: OrderedDirectory,
  section: Section,
  into: "directory" | "closing",
  inverse: OrderedDirectory,
): void {
  for (let i = 0; i < part.count; i++) {
    const isSelf = i === 0 && part.name(0) === selfName;
    // A root that was not there stays when all that came into it goes.
    if (isSelf && section === "directory" && part.before.columns.mode[i] === 0) continue;
    const goes = !isSelf && part.before.columns.mode[i] === 0;
    const belongs = (isSelf ? section === "closing" : goes) ? "closing" : "directory";
    if (belongs === into) addRow(part, i, isSelf, inverse);
  }
}

function addRow(
  part: OrderedDirectory,
  i: number,
  isSelf: boolean,
  inverse: OrderedDirectory,
): void {
  const { before, after, bases, continues } = part;
  const row = addRowLike(inverse, orderKind.meta, part, i);
  copyState(after, i, inverse.before, row);
  copyState(before, i, inverse.after, row);
  const goesOn = continues.get(i);
  const digest = before.digests.get(i);
  if (goesOn !== undefined && !before.links.has(i)) {
    const size = before.columns.size[i] as number;
    inverse.bases.set(row, { path: goesOn, size, digest });
  }
  const basis = bases.get(i);
  if (basis?.digest !== undefined && sameBytes(basis.digest, after.digests.get(i))) {
    inverse.continues.set(row, basis.path);
  }
  if (!isSelf) inverse.kind[row] = inverseKind(inverse, row, part.kind[i] as number);
}

function inverseKind(inverse: OrderedDirectory, row: number, kind: number): number {
  const { before, after, bases } = inverse;
  if (kind === orderKind.meta) return kind;
  if (after.columns.mode[row] === 0) return orderKind.del;
  if (after.links.has(row)) return orderKind.link;
  if (bases.has(row)) return orderKind.move;
  return before.columns.mode[row] === 0 ? orderKind.add : orderKind.change;
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Makes `sorted` the same orders in listing order. */
export function sortOrders(orders: OrderedDirectory, sorted: OrderedDirectory): void {
  const rows = Array.from({ length: orders.count }, (_, i) => i);
  rows.sort((a, b) => compareOrders(orders, a, b));
  sorted.reset(orders.path, orders.complete);
  for (const from of rows) {
    const to = addRowLike(sorted, orders.kind[from] as number, orders, from);
    copyState(orders.before, from, sorted.before, to);
    copyState(orders.after, from, sorted.after, to);
    const basis = orders.bases.get(from);
    if (basis !== undefined) sorted.bases.set(to, basis);
    const goesOn = orders.continues.get(from);
    if (goesOn !== undefined) sorted.continues.set(to, goesOn);
  }
}

function compareOrders(orders: OrderedDirectory, a: number, b: number): number {
  const rank = (row: number): number => {
    if (orders.columns.nameLength[row] === 1 && orders.name(row) === selfName) return 0;
    return isDirectory(orders.standingMode(row)) ? 2 : 1;
  };
  const own = rank(a);
  return own - rank(b) || compareRows(orders.columns, a, b, own === 2);
}
