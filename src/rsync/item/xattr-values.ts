// Long values of extended attributes, of which lists have digests only: the receiving end names those that it wants behind an
// item's header, by their place in the set, and the sender's echo of the header has the values.

import { inlineValueMax, valueBytesMax } from "../list/xattr-codec.ts";
import { brokenProtocol, type WireCursor } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { decodeItemHeader, hasXattrPart, type ItemHeader, type XattrTerms } from "./item-header.ts";

/** A header that comes back, with the values that follow it. */
export interface AnswerHeader extends ItemHeader {
  /** Undefined = none could. */
  readonly xattrValues: XattrValues | undefined;
}

/** Attributes that one entry has at most. */
const placesMax = 65_536;

/** Values by the place of their attribute in the set, from 1 on. */
export type XattrValues = ReadonlyMap<number, Uint8Array>;

/** Writes which are wanted, ascending. */
export function encodeWantedXattrs(writer: WireWriter, places: readonly number[]): void {
  let before = 0;
  for (const place of places) {
    writer.varint(place - before);
    before = place;
  }
  writer.varint(0);
}

/** Reads which are wanted. */
export function decodeWantedXattrs(cursor: WireCursor): readonly number[] {
  const places: number[] = [];
  for (let place = 0; ; places.push(place)) {
    const step = cursor.varintWithin("an attribute's place", 0, placesMax - place);
    if (step === 0) return places;
    place += step;
  }
}

/** Writes values. */
export function encodeXattrValues(writer: WireWriter, values: XattrValues): void {
  let before = 0;
  for (const [place, value] of values) {
    writer.varint(place - before);
    writer.varint(value.length);
    writer.raw(value);
    before = place;
  }
  writer.varint(0);
}

/** Reads values. Throws a protocol-data error for one that could have come with the list. */
export function decodeXattrValues(cursor: WireCursor): XattrValues {
  const values = new Map<number, Uint8Array>();
  for (let place = 0; ; ) {
    const step = cursor.varintWithin("an attribute's place", 0, placesMax - place);
    if (step === 0) return values;
    place += step;
    const length = cursor.varintWithin("the length of an attribute", 0, valueBytesMax);
    if (length <= inlineValueMax) throw brokenProtocol("a value comes that nobody could ask for");
    values.set(place, cursor.copy(length));
  }
}

/** Reads what stands behind an index that comes back. */
export function decodeAnswerHeader(
  cursor: WireCursor,
  index: number,
  terms: XattrTerms,
): AnswerHeader {
  const header = decodeItemHeader(cursor, index);
  const xattrValues = hasXattrPart(terms, header.flags) ? decodeXattrValues(cursor) : undefined;
  return { ...header, xattrValues };
}
