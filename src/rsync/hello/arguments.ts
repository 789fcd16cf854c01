// Lists of arguments as they travel to a daemon, or by standard input with --secluded-args: each behind the other with a
// NUL, and an empty one at the end.

import { assert, type ByteString } from "../../base/index.ts";
import { brokenProtocol } from "../wire/wire-cursor.ts";

/** Arguments, and bytes of one, that are taken. rsync's own numbers. */
const argumentsMax = 16_000;
const argumentBytesMax = 5119;

/** Returns the bytes. An argument that is empty travels as ".". */
export function encodeArguments(words: readonly ByteString[]): ByteString {
  for (const word of words) assert(!word.includes("\0"), "An argument holds no NUL.");
  return `${words.map((word) => `${word || "."}\0`).join("")}\0`;
}

/** Takes such a list as it comes. */
export class ArgumentReader {
  readonly words: ByteString[] = [];
  #word = "";

  /** Takes bytes; returns how many of them are of the list when it is complete, else -1. Throws a protocol-data error. */
  feed(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte !== 0) {
        if (this.#word.length >= argumentBytesMax) throw brokenProtocol("an argument is too long");
        this.#word += String.fromCharCode(byte);
        continue;
      }
      if (this.#word === "") return at + 1;
      if (this.words.length >= argumentsMax) throw brokenProtocol("there are too many arguments");
      this.words.push(this.#word);
      this.#word = "";
    }
    return -1;
  }
}
