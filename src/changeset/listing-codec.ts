// The body of a listing record: the entries of one directory, as columns.

import type { ByteString } from "../base/index.ts";
import { bodyKey, bodyKeyMax, decodeIdNames, encodeIdNames, nextKey } from "./body-map.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { decodeColumn, encodeColumn, isZeroColumn } from "./column-codec.ts";
import { checkOrder, type LastName } from "./entry-order.ts";
import { limits } from "./limits.ts";
import type { ListedDirectory } from "./listed-directory.ts";
import { checkName, readPath, selfName } from "./paths.ts";
import { decodeSide, encodeSide, readAttributeKey, sideTable } from "./side-codec.ts";
import { checkState } from "./state-codec.ts";
import { clearStates } from "./state-rows.ts";
import { attributeKeyCount, columnMax, columnOfKey, isSigned, type States } from "./states.ts";

/** Writes the body with entries [from, to). */
export function encodeListing(
  writer: CborWriter,
  listing: ListedDirectory,
  from: number,
  to: number,
): void {
  const { path, columns, states, users, groups } = listing;
  const keys = usedKeys(states, from, to);
  writer.map(3 + (columns.complete ? 0 : 1) + (users.size > 0 ? 1 : 0) + (groups.size > 0 ? 1 : 0));
  writer.int(bodyKey.path);
  writer.byteString(path);
  writer.int(bodyKey.entries);
  encodeNames(writer, states, from, to);
  if (!columns.complete) {
    writer.int(bodyKey.incomplete);
    writer.bool(true);
  }
  encodeIdNames(writer, bodyKey.users, users);
  encodeIdNames(writer, bodyKey.groups, groups);
  writer.int(bodyKey.columns);
  writer.map(keys.length);
  for (const key of keys) {
    writer.int(key);
    const column = columnOfKey[key];
    if (column !== undefined) encodeColumn(writer, columns[column], from, to);
    else encodeTable(writer, states, key, from, to);
  }
}

function usedKeys(states: States, from: number, to: number): number[] {
  const keys: number[] = [];
  for (let key = 0; key < attributeKeyCount; key++) {
    const column = columnOfKey[key];
    const isUsed =
      column === undefined
        ? rowsOf(sideTable(states, key), from, to).length > 0
        : !isZeroColumn(states.columns[column], from, to);
    if (isUsed) keys.push(key);
  }
  return keys;
}

/** Rows of a side table within [from, to), ascending. */
function rowsOf(table: ReadonlyMap<number, unknown>, from: number, to: number): number[] {
  const rows: number[] = [];
  for (const row of table.keys()) if (row >= from && row < to) rows.push(row);
  return rows.sort((a, b) => a - b);
}

function encodeNames(writer: CborWriter, { columns }: States, from: number, to: number): void {
  const { names, nameStart, nameLength } = columns;
  let total = 0;
  for (let i = from; i < to; i++) total += (nameLength[i] as number) + 1;
  writer.bytesHead(total);
  for (let i = from; i < to; i++) {
    const start = nameStart[i] as number;
    // A listing's names are followed by a null byte where they lie.
    writer.raw(names, start, start + (nameLength[i] as number) + 1);
  }
}

function encodeTable(
  writer: CborWriter,
  states: States,
  key: number,
  from: number,
  to: number,
): void {
  const rows = rowsOf(sideTable(states, key), from, to);
  writer.map(rows.length);
  for (const row of rows) {
    writer.int(row - from);
    encodeSide(writer, states, row, key);
  }
}

/** Reads a body into `listing`. `lastOf` tells the last entry of the record before, if this path goes on with it. */
export function decodeListing(
  cursor: CborCursor,
  listing: ListedDirectory,
  lastOf: (path: ByteString) => LastName | undefined,
): void {
  const count = cursor.map("listing", bodyKeyMax + 1);
  nextKey(cursor, bodyKey.path);
  listing.reset(readPath(cursor, "path"));
  nextKey(cursor, bodyKey.entries);
  const begin = cursor.at;
  decodeNames(cursor, listing, lastOf(listing.path) === undefined);
  clearStates(listing.states, listing.columns.count);
  let last: number = bodyKey.entries;
  for (let n = 2; n < count; n++) {
    const key = nextKey(cursor, undefined, last);
    last = key;
    if (key === bodyKey.incomplete) {
      if (!cursor.isTrue()) throw cursor.error("incomplete", "it can only be true");
      listing.columns.complete = false;
    } else if (key === bodyKey.users) decodeIdNames(cursor, "users", listing.users);
    else if (key === bodyKey.groups) decodeIdNames(cursor, "groups", listing.groups);
    else decodeColumns(cursor, listing.states);
  }
  for (let i = 0; i < listing.columns.count; i++) {
    checkState(cursor, listing.states, i, begin);
    checkOrder(cursor, listing, i, begin, i === 0 ? lastOf(listing.path) : undefined);
  }
}

function decodeNames(cursor: CborCursor, listing: ListedDirectory, isFirst: boolean): void {
  const begin = cursor.at;
  const length = cursor.byteRange("names", limits.bodyBytes);
  const { bytes, start, stop } = cursor;
  if (length > 0 && bytes[stop - 1] !== 0) {
    throw cursor.error("names", "the last name has no null byte behind it", begin);
  }
  let count = 0;
  for (let at = start; at < stop; at++) if (bytes[at] === 0) count++;
  if (count > limits.entries) {
    throw cursor.error("names", `${count} entries, the limit is ${limits.entries}`, begin);
  }
  const { columns } = listing;
  columns.reserve(count);
  columns.reserveNames(length);
  columns.names.set(bytes.subarray(start, stop), 0);
  columns.namesUsed = length;
  columns.count = count;
  let from = 0;
  for (let i = 0; i < count; i++) {
    const end = columns.names.indexOf(0, from);
    columns.nameStart[i] = from;
    columns.nameLength[i] = end - from;
    const isSelf = i === 0 && isFirst && listing.path === "" && columns.name(0) === selfName;
    if (!isSelf) checkName(cursor, "name", columns.names, from, end, begin);
    from = end + 1;
  }
}

function decodeColumns(cursor: CborCursor, states: States): void {
  const { columns } = states;
  const count = cursor.map("columns", attributeKeyCount);
  let seen = 0;
  for (let n = 0; n < count; n++) {
    const key = readAttributeKey(cursor, seen);
    seen |= 1 << key;
    const column = columnOfKey[key];
    if (column === undefined) decodeTable(cursor, states, key);
    else {
      const range = { field: column, max: columnMax[key] as number, isSigned: isSigned(key) };
      decodeColumn(cursor, columns[column], columns.count, range);
    }
  }
}

function decodeTable(cursor: CborCursor, states: States, key: number): void {
  const { columns } = states;
  const count = cursor.map("table", columns.count);
  let last = -1;
  for (let n = 0; n < count; n++) {
    const begin = cursor.at;
    const row = cursor.uint("entry", Math.max(columns.count - 1, 0));
    if (row <= last) throw cursor.error("entry", "entries are not in ascending order", begin);
    last = row;
    decodeSide(cursor, states, row, key);
  }
}
