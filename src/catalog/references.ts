// Character references of HTML and XML ("&amp;", "&#233;", "&#xE9;") in byte strings: what they stand for
// becomes its UTF-8 bytes. Names other than these five are no part of a path that any server writes, and stay as they are.

import { type ByteString, fromText } from "../base/index.ts";

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};
const codePointMax = 0x10ffff;

/** Returns the bytes that are meant. */
export function decodeReferences(text: ByteString): ByteString {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([a-z]{2,4}));/g,
    (all, decimal, hex, name) => {
      if (name !== undefined) return named[name] ?? all;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code > codePointMax ? all : fromText(String.fromCodePoint(code));
    },
  );
}
