// One entry's attributes as a CBOR map with small numbers for keys, between bytes and a row of
// columns. Used for the entries of changesets; listings have whole columns (column-codec.ts).

import { isSymlink, typeMask } from "../tree/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { decodeSide, encodeSide, readAttributeKey, sideTable } from "./side-codec.ts";
import { clearState } from "./state-rows.ts";
import { attributeKeyCount, columnMax, columnOfKey, isSigned, type States } from "./states.ts";

/** Type bits that a mode may have: those of sockets, links, files, block devices, directories, character devices, fifos. */
const knownTypes = new Set([0o140000, 0o120000, 0o100000, 0o060000, 0o040000, 0o020000, 0o010000]);

/** Writes row `i`: a map of what is not 0 or absent, keys ascending. */
export function encodeState(writer: CborWriter, states: States, i: number): void {
  const { byKey } = states;
  writer.map(countAttributes(states, i));
  for (let key = 0; key < attributeKeyCount; key++) {
    const column = byKey[key];
    if (column === undefined) {
      if (!sideTable(states, key).has(i)) continue;
      writer.int(key);
      encodeSide(writer, states, i, key);
    } else {
      const value = column[i] as number;
      if (value === 0) continue;
      writer.int(key);
      writer.int(value);
    }
  }
}

function countAttributes({ byKey, columns, digests, links }: States, i: number): number {
  let count = 0;
  for (let key = 0; key < attributeKeyCount; key++) {
    const column = byKey[key];
    if (column !== undefined && column[i] !== 0) count++;
  }
  if (columns.linkTargets.has(i)) count++;
  if (columns.xattrs.has(i)) count++;
  if (digests.has(i)) count++;
  if (links.has(i)) count++;
  return count;
}

/** Reads a map of attributes into row `i`, which has a name and room already, and checks that they fit one another. */
export function decodeState(cursor: CborCursor, states: States, i: number): void {
  const { byKey } = states;
  const begin = cursor.at;
  clearState(states, i);
  const count = cursor.map("attributes", attributeKeyCount);
  let seen = 0;
  for (let n = 0; n < count; n++) {
    const key = readAttributeKey(cursor, seen);
    seen |= 1 << key;
    const column = byKey[key];
    if (column === undefined) decodeSide(cursor, states, i, key);
    else if (isSigned(key)) column[i] = cursor.int(columnOfKey[key] as string);
    else column[i] = cursor.uint(columnOfKey[key] as string, columnMax[key] as number);
  }
  checkState(cursor, states, i, begin);
}

/** Throws unless the row has a known type and what belongs to it. */
export function checkState(cursor: CborCursor, states: States, i: number, begin: number): void {
  const { columns } = states;
  const mode = columns.mode[i] as number;
  if (!knownTypes.has(mode & typeMask)) {
    throw cursor.error("mode", `0${mode.toString(8)} is of no known type`, begin);
  }
  if (isSymlink(mode) !== columns.linkTargets.has(i)) {
    throw cursor.error("link target", "symlinks have one, and nothing else has", begin);
  }
  const size = columns.size[i] as number;
  if (size > Number.MAX_SAFE_INTEGER) throw cursor.error("size", "too large", begin);
}
