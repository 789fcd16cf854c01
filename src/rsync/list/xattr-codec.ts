// Extended attributes in a file list: each distinct set travels once, and of large values only a digest.

import { digestOf } from "../../hash/index.ts";
import type { Xattr } from "../../tree/index.ts";
import { brokenProtocol, type WireCursor, within } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import type { WireXattr } from "./wire-entry.ts";

const attributesMax = 65_536;
const nameBytesMax = 4096;
/** Longer values come as a digest, and are asked for. */
export const inlineValueMax = 32;
const digestBytes = 16;
/** The largest value that is taken. rsync's own limit is 128 MiB; no file system has more than 64 KiB but XFS and ZFS. */
export const valueBytesMax = 16 * 1024 * 1024;

/** Reads them. What was read only counts once keep() is called. */
export class XattrDecoder {
  readonly #known: (readonly WireXattr[])[] = [];
  #fresh: readonly WireXattr[] | undefined;

  /** The entry that was begun is there to its end. */
  keep(): void {
    if (this.#fresh !== undefined) this.#known.push(this.#fresh);
    this.#fresh = undefined;
  }

  read(cursor: WireCursor): readonly WireXattr[] {
    this.#fresh = undefined;
    const number = cursor.varint();
    if (number !== 0) {
      const set = this.#known[number - 1];
      if (set === undefined) throw brokenProtocol("a set of attributes is unknown");
      return set;
    }
    const set: WireXattr[] = [];
    const count = cursor.varintWithin("a count of attributes", 0, attributesMax);
    for (let left = count; left > 0; left--) set.push(readXattr(cursor));
    this.#fresh = set;
    return set;
  }
}

function readXattr(cursor: WireCursor): WireXattr {
  const nameBytes = cursor.varintWithin("the length of an attribute's name", 2, nameBytesMax);
  const bytes = cursor.varintWithin("the length of an attribute", 0, valueBytesMax);
  const name = cursor.string("an attribute's name", nameBytes, nameBytesMax);
  if (name.indexOf("\0") !== nameBytes - 1) {
    throw brokenProtocol("an attribute's name does not end where it says");
  }
  const isDigest = bytes > inlineValueMax;
  const value = cursor.copy(isDigest ? digestBytes : bytes);
  return { name: name.slice(0, -1), bytes, value, isDigest };
}

/** Returns an attribute as it travels. */
export function wireXattr({ name, value }: Xattr): WireXattr {
  const isDigest = value.length > inlineValueMax;
  return { name, bytes: value.length, value: isDigest ? digestOf("md5", value) : value, isDigest };
}

/** Writes them, each set once. */
export class XattrEncoder {
  readonly #known = new Map<string, number>();

  /** The set is in order of names. */
  write(writer: WireWriter, set: readonly WireXattr[]): void {
    const key = set
      .map(({ name, bytes, value }) => `${name}\0${bytes}:${Buffer.from(value).toString("latin1")}`)
      .join("\0");
    const number = this.#known.get(key);
    if (number !== undefined) {
      writer.varint(number);
      return;
    }
    this.#known.set(key, this.#known.size + 1);
    writer.varint(0);
    writer.varint(set.length);
    for (const { name, bytes, value } of set) {
      writer.varint(name.length + 1);
      writer.varint(within("an attribute", bytes, 0, valueBytesMax));
      writer.string(name);
      writer.byte(0);
      writer.raw(value);
    }
  }
}
