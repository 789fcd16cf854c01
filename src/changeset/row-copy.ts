// Rows of states and orders, copied from one place to another.

import type { ByteString } from "../base/index.ts";
import type { Directory } from "../tree/index.ts";
import { limits } from "./limits.ts";
import type { OrderedDirectory } from "./ordered-directory.ts";
import { clearState } from "./state-rows.ts";
import { attributeKeyCount, type States } from "./states.ts";

/** Copies row `from` of one to row `to` of the other, tables included. */
export function copyState(source: States, from: number, target: States, to: number): void {
  clearState(target, to);
  const [sourceColumns, targetColumns] = [source.byKey, target.byKey];
  for (let key = 0; key < attributeKeyCount; key++) {
    const column = targetColumns[key];
    if (column !== undefined) column[to] = sourceColumns[key]?.[from] as number;
  }
  copySides(source.columns, from, target.columns, to);
  const digest = source.digests.get(from);
  if (digest !== undefined) target.digests.set(to, digest);
  const link = source.links.get(from);
  if (link !== undefined) target.links.set(to, link);
}

/** Copies link target and extended attributes. */
export function copySides(source: Directory, from: number, target: Directory, to: number): void {
  const linkTarget = source.linkTargets.get(from);
  if (linkTarget !== undefined) target.setLinkTarget(to, linkTarget);
  const xattrs = source.xattrs.get(from);
  if (xattrs !== undefined) target.setXattrs(to, xattrs);
}

/** Appends row `from` of other orders, with another kind; states are the caller's to copy. */
export function addRowLike(
  orders: OrderedDirectory,
  kind: number,
  other: OrderedDirectory,
  from: number,
): number {
  const { names, nameStart, nameLength } = other.columns;
  const start = nameStart[from] as number;
  return orders.addRow(kind, names, start, start + (nameLength[from] as number));
}

/** Takes over the names of ids, up to as many as one record may have. */
export function addIdNames(
  from: ReadonlyMap<number, ByteString>,
  to: Map<number, ByteString>,
): void {
  for (const [id, name] of from) if (to.size < limits.idNames) to.set(id, name);
}
