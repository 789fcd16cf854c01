// Indices of files as they travel from protocol 30 on: as differences, of which each direction has its own state.

import type { WireCursor } from "./wire-cursor.ts";
import { brokenProtocol } from "./wire-cursor.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Indices that are none: the end of a phase, of all lists, counts of deletions. */
export const indexDone = -1;
export const indexListsEnd = -2;
export const indexDeletions = -3;
/** The list of directory number 0; further ones are below. */
export const indexSubList = -101;

/** One direction's indices. */
export class IndexCoder {
  #positive = -1;
  #negative = 1;

  write(writer: WireWriter, index: number): void {
    if (index === indexDone) {
      writer.byte(0);
      return;
    }
    const isNegative = index < 0;
    const number = isNegative ? -index : index;
    const difference = number - (isNegative ? this.#negative : this.#positive);
    if (isNegative) {
      writer.byte(0xff);
      this.#negative = number;
    } else this.#positive = number;
    if (difference >= 1 && difference <= 253) writer.byte(difference);
    else if (difference < 0 || difference > 0x7fff) {
      writer.byte(0xfe);
      writer.byte(0x80 | (number >>> 24));
      writer.byte(number);
      writer.byte(number >>> 8);
      writer.byte(number >>> 16);
    } else {
      writer.byte(0xfe);
      writer.byte(difference >> 8);
      writer.byte(difference);
    }
  }

  /** Reads one; the state only changes when all of it was there. */
  read(cursor: WireCursor): number {
    let first = cursor.byte();
    const isNegative = first === 0xff;
    if (isNegative) first = cursor.byte();
    else if (first === 0) return indexDone;
    const before = isNegative ? this.#negative : this.#positive;
    const number = first === 0xfe ? readLong(cursor, before) : before + first;
    if (number > 0x7fff_ffff || number < 0) throw brokenProtocol("an index is too large");
    if (isNegative) this.#negative = number;
    else this.#positive = number;
    return isNegative ? -number : number;
  }
}

function readLong(cursor: WireCursor, before: number): number {
  const high = cursor.byte();
  const low = cursor.byte();
  if ((high & 0x80) === 0) return before + ((high << 8) | low);
  const second = cursor.byte();
  const third = cursor.byte();
  return ((high & 0x7f) << 24) | (third << 16) | (second << 8) | low;
}
