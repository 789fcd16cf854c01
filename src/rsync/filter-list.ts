// Filter rules as they travel to the server, which applies all that it gets, and the names of files that may follow them.

import type { ByteString } from "../base/index.ts";
import { brokenProtocol, shortage, type WireCursor } from "./wire/wire-cursor.ts";
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

/** Bytes of all names together: some ten million of them. */
const namesBytesMax = 1024 * 1024 * 1024;
const nameBytesMax = 4096;

/** Reads the names of --files-from as the client sends them: a NUL behind each, and an empty one at the end. */
export class NameListReader {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Reads one; says whether there are more. */
  read(cursor: WireCursor): boolean {
    const end = cursor.bytes.indexOf(0, cursor.at);
    const isWhole = end >= 0 && end < cursor.end;
    const length = (isWhole ? end : cursor.end) - cursor.at;
    if (length > nameBytesMax) throw brokenProtocol("a name in the list of files is too long");
    if (!isWhole) throw shortage;
    const name = cursor.copy(length + 1);
    if (length === 0) return false;
    this.#bytes += name.length;
    if (this.#bytes > namesBytesMax) throw brokenProtocol("the list of files is too long");
    this.#pieces.push(name);
    return true;
  }

  /** Returns all of them, as they came. */
  take(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    return new Uint8Array(Buffer.concat(pieces));
  }
}
