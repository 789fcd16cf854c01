// Orders between bytes and rows: [kind, name, before, after] or, with what a MOVE needs or a goner
// leaves behind, [kind, name, before, after, details]. The rules of each kind are checked here.

import { isDirectory, isRegular, typeMask } from "../tree/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { checkOrder, type LastName } from "./entry-order.ts";
import { limits } from "./limits.ts";
import { type OrderedDirectory, orderKind, orderKindNames } from "./ordered-directory.ts";
import { checkName, compareFiles, readEntryPath, selfName } from "./paths.ts";
import { readDigest } from "./side-codec.ts";
import { decodeState, encodeState } from "./state-codec.ts";
import { clearState } from "./state-rows.ts";
import { attributeKey } from "./states.ts";

/** The three parts of a changeset that have orders. */
export type Section = "directory" | "late" | "closing";

/** Keys of the details. */
const basisKey = 0;
const continuesKey = 1;
const fieldCount = 4;

/** Writes row `i`. */
export function encodeOrder(writer: CborWriter, orders: OrderedDirectory, i: number): void {
  const { before, after, bases, continues } = orders;
  const { names, nameStart } = after.columns;
  const start = nameStart[i] as number;
  const basis = bases.get(i);
  const goesOn = continues.get(i);
  const detailCount = (basis === undefined ? 0 : 1) + (goesOn === undefined ? 0 : 1);
  writer.array(fieldCount + (detailCount > 0 ? 1 : 0));
  writer.int(orders.kind[i] as number);
  writer.bytes(names, start, start + (after.columns.nameLength[i] as number));
  if (before.columns.mode[i] === 0) writer.null();
  else encodeState(writer, before, i);
  if (after.columns.mode[i] === 0) writer.null();
  else encodeState(writer, after, i);
  if (detailCount === 0) return;
  writer.map(detailCount);
  if (basis !== undefined) {
    writer.int(basisKey);
    writer.array(basis.digest === undefined ? 2 : 3);
    writer.byteString(basis.path);
    writer.int(basis.size);
    if (basis.digest !== undefined) writer.bytes(basis.digest);
  }
  if (goesOn !== undefined) {
    writer.int(continuesKey);
    writer.byteString(goesOn);
  }
}

/** Reads an array of orders and appends them to `orders`, whose path is set. */
export function decodeOrders(
  cursor: CborCursor,
  section: Section,
  orders: OrderedDirectory,
  lastName: LastName | undefined,
): void {
  const count = cursor.array("orders", limits.entries);
  for (let n = 0; n < count; n++) {
    const begin = cursor.at;
    decodeOrder(cursor, section, orders);
    checkOrder(cursor, orders, orders.count - 1, begin, lastName);
  }
}

function decodeOrder(cursor: CborCursor, section: Section, orders: OrderedDirectory): void {
  const begin = cursor.at;
  const fields = cursor.array("order", fieldCount + 1);
  if (fields < fieldCount) throw cursor.error("order", `${fields} fields`, begin);
  const kind = cursor.uint("order kind");
  if (kind === 0 || kind >= orderKindNames.length) {
    throw cursor.error("order kind", `${kind} is not known`, begin);
  }
  const i = decodeName(cursor, section, orders, kind);
  const { before, after } = orders;
  if (cursor.isNull()) clearState(before, i);
  else decodeState(cursor, before, i);
  if (cursor.isNull()) clearState(after, i);
  else decodeState(cursor, after, i);
  if (fields > fieldCount) decodeDetails(cursor, orders, i);
  checkKind(cursor, section, orders, i, begin);
}

function decodeName(
  cursor: CborCursor,
  section: Section,
  orders: OrderedDirectory,
  kind: number,
): number {
  const begin = cursor.at;
  const length = cursor.byteRange("name", limits.nameBytes);
  const { bytes, start, stop } = cursor;
  if (length === 1 && bytes[start] === selfName.charCodeAt(0)) {
    const isPlace = section === "closing" || (section === "directory" && orders.path === "");
    if (!isPlace || kind !== orderKind.meta || orders.count > 0) {
      throw cursor.error("name", '"." stands where it has no meaning', begin);
    }
  } else checkName(cursor, "name", bytes, start, stop, begin);
  return orders.addRow(kind, bytes, start, stop);
}

function decodeDetails(cursor: CborCursor, orders: OrderedDirectory, i: number): void {
  const count = cursor.map("details", 2);
  let last = -1;
  for (let n = 0; n < count; n++) {
    const begin = cursor.at;
    const key = cursor.uint("detail key", continuesKey);
    if (key <= last) throw cursor.error("detail key", "keys are not in ascending order", begin);
    last = key;
    if (key === basisKey) {
      const fields = cursor.array("basis", 3);
      if (fields < 2) throw cursor.error("basis", `${fields} fields`, begin);
      const path = readEntryPath(cursor, "basis path");
      const size = cursor.uint("basis size");
      const digest = fields === 3 ? readDigest(cursor, "basis digest") : undefined;
      orders.bases.set(i, { path, size, digest });
    } else orders.continues.set(i, readEntryPath(cursor, "continues"));
  }
}

/** Throws unless the kind, the two states and the details fit one another. */
function checkKind(
  cursor: CborCursor,
  section: Section,
  orders: OrderedDirectory,
  i: number,
  begin: number,
): void {
  const kind = orders.kind[i] as number;
  const why = (says: string): Error =>
    cursor.error("order", `${orderKindNames[kind]} ${says}`, begin);
  const isSelf = i === 0 && orders.name(i) === selfName;
  if ((section === "closing") !== (kind === orderKind.del) && !isSelf) {
    throw why(section === "closing" ? "stands among deletions" : "stands before the end");
  }
  checkStates(why, orders, i, isSelf);
  checkDetails(why, orders, i);
}

function checkStates(
  why: (says: string) => Error,
  orders: OrderedDirectory,
  i: number,
  isSelf: boolean,
): void {
  const { before, after } = orders;
  const kind = orders.kind[i] as number;
  const [was, shall] = [before.columns.mode[i] as number, after.columns.mode[i] as number];
  const wants = kind !== orderKind.del;
  if (isSelf) {
    if (!isDirectory(orders.standingMode(i))) throw why("of a directory says it is none");
    if (was !== 0 && shall !== 0 && !isDirectory(was)) throw why("changes the type");
    return;
  }
  if (wants !== (shall !== 0)) throw why(wants ? "lacks what shall be" : "says what shall be");
  const needsBefore = kind === orderKind.change || kind === orderKind.meta || !wants;
  if (was === 0 && needsBefore) throw why("lacks what was");
  if (was !== 0 && kind === orderKind.add) throw why("says what was");
  if (kind === orderKind.meta && ((was ^ shall) & typeMask) !== 0) throw why("changes the type");
  if (kind === orderKind.move && !isRegular(shall)) throw why("is only for files");
  checkLinks(why, orders, i);
}

function checkLinks(why: (says: string) => Error, orders: OrderedDirectory, i: number): void {
  const { before, after, path } = orders;
  const kind = orders.kind[i] as number;
  const [wasLink, link] = [before.links.get(i), after.links.get(i)];
  if (wasLink === undefined && link === undefined) {
    if (kind === orderKind.link) throw why("lacks the name to link to");
    return;
  }
  const own = path === "" ? orders.name(i) : `${path}/${orders.name(i)}`;
  for (const leader of [wasLink, link]) {
    if (leader !== undefined && compareFiles(leader, own) >= 0) {
      throw why("links to a name that does not stand before it");
    }
  }
  if (wasLink !== undefined && isDirectory(before.columns.mode[i] as number)) {
    throw why("has a linked directory");
  }
  if (kind === orderKind.link) {
    if (link === undefined) throw why("lacks the name to link to");
    if (isDirectory(after.columns.mode[i] as number)) throw why("is not for directories");
  } else if (kind === orderKind.meta) {
    if (wasLink !== link) throw why("changes a hard link");
  } else if (link !== undefined) throw why(`has attribute ${attributeKey.link}`);
}

function checkDetails(why: (says: string) => Error, orders: OrderedDirectory, i: number): void {
  const { before, bases, continues } = orders;
  const kind = orders.kind[i] as number;
  if (bases.has(i) !== (kind === orderKind.move)) {
    throw why(kind === orderKind.move ? "lacks a basis" : "has a basis");
  }
  if (!continues.has(i)) return;
  const isFile = isRegular(before.columns.mode[i] as number) && before.digests.has(i);
  if (!isFile || kind === orderKind.meta) throw why("has no content that could go on elsewhere");
}
