// Names in JSON: as text, and when they are not UTF-8 their exact bytes in base64 beside it.

import { type ByteString, fromText, toText } from "../../base/index.ts";
import { isTerminalControl } from "./escape.ts";

const ascii = /^[\x20-\x7e]*$/;

/** Returns the fields of a name: { [key]: text } and, if need be, { [bytesKey]: base64 }. */
export function jsonName(key: string, bytesKey: string, name: ByteString): Record<string, string> {
  if (ascii.test(name)) return { [key]: name };
  const text = toText(name);
  if (fromText(text) === name) return { [key]: text };
  return { [key]: text, [bytesKey]: Buffer.from(name, "latin1").toString("base64") };
}

/**
 * Returns one line of JSON with its newline, as bytes. What could drive a terminal that shows it is
 * written as \uXXXX.
 */
export function jsonLine(value: unknown): ByteString {
  const json = JSON.stringify(value);
  if (ascii.test(json)) return `${json}\n`;
  let safe = "";
  for (const character of json) {
    const code = character.codePointAt(0) ?? 0;
    safe += isTerminalControl(code) ? `\\u${code.toString(16).padStart(4, "0")}` : character;
  }
  return `${fromText(safe)}\n`;
}
