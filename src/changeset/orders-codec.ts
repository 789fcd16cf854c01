// The body of directory, late and closing records: the orders of one directory, row by row.

import type { ByteString } from "../base/index.ts";
import { bodyKey, bodyKeyMax, decodeIdNames, encodeIdNames, nextKey } from "./body-map.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import { CborWriter } from "./cbor/writer.ts";
import type { LastName } from "./entry-order.ts";
import { limits, recordBytesAim } from "./limits.ts";
import { decodeOrders, encodeOrder, type Section } from "./order-codec.ts";
import type { OrderedDirectory } from "./ordered-directory.ts";
import { readPath } from "./paths.ts";

const rows = new CborWriter();

/**
 * Writes the body with orders from `from` on, as many as make a record of good size; returns the first that is not in
 * it. Names of ids go with the first.
 */
export function encodeOrders(writer: CborWriter, orders: OrderedDirectory, from: number): number {
  rows.clear();
  let to = from;
  while (to < orders.count && to - from < limits.entries && rows.length < recordBytesAim) {
    encodeOrder(rows, orders, to);
    to++;
  }
  const { users, groups, complete } = orders;
  const named = from === 0 ? (users.size > 0 ? 1 : 0) + (groups.size > 0 ? 1 : 0) : 0;
  writer.map(2 + (complete ? 0 : 1) + named);
  writer.int(bodyKey.path);
  writer.byteString(orders.path);
  writer.int(bodyKey.entries);
  writer.array(to - from);
  writer.raw(rows.written);
  if (!complete) {
    writer.int(bodyKey.incomplete);
    writer.bool(true);
  }
  if (from === 0) {
    encodeIdNames(writer, bodyKey.users, users);
    encodeIdNames(writer, bodyKey.groups, groups);
  }
  return to;
}

/** Reads a body into `orders`. `lastOf` tells the last entry of the record before, if this path goes on with it. */
export function decodeOrderBody(
  cursor: CborCursor,
  section: Section,
  orders: OrderedDirectory,
  lastOf: (section: Section, path: ByteString) => LastName | undefined,
): void {
  const count = cursor.map("directory", bodyKeyMax);
  nextKey(cursor, bodyKey.path);
  const path = readPath(cursor, "path");
  orders.reset(path);
  nextKey(cursor, bodyKey.entries);
  decodeOrders(cursor, section, orders, lastOf(section, path));
  let last: number = bodyKey.entries;
  for (let n = 2; n < count; n++) {
    const begin = cursor.at;
    const key = nextKey(cursor, undefined, last);
    last = key;
    if (key === bodyKey.incomplete) {
      if (!cursor.isTrue()) throw cursor.error("incomplete", "it can only be true");
      orders.complete = false;
    } else if (key === bodyKey.users) decodeIdNames(cursor, "users", orders.users);
    else if (key === bodyKey.groups) decodeIdNames(cursor, "groups", orders.groups);
    else throw cursor.error("body key", "orders have no columns", begin);
  }
  cursor.finish("directory");
}
