// Filter rules as they travel to the server, which applies all that it gets.

import type { ByteString } from "../base/index.ts";
import { brokenProtocol, type WireCursor } from "./wire/wire-cursor.ts";
import type { WireWriter } from "./wire/wire-writer.ts";

const ruleBytesMax = 5119;
const rulesMax = 100_000;

/** Writes rules and their end. */
export function encodeFilterList(writer: WireWriter, rules: readonly ByteString[]): void {
  for (const rule of rules) {
    writer.int(rule.length);
    writer.string(rule);
  }
  writer.int(0);
}

/** Reads rules, one a call, until their end. */
export class FilterListReader {
  readonly rules: ByteString[] = [];

  /** Says whether there are more. */
  read(cursor: WireCursor): boolean {
    const length = cursor.intWithin("the length of a rule", 0, ruleBytesMax);
    if (length === 0) return false;
    if (this.rules.length >= rulesMax) throw brokenProtocol("there are too many filter rules");
    this.rules.push(cursor.string("a rule", length, ruleBytesMax));
    return true;
  }
}
