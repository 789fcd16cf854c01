// Whole numbers on the command line, as C's strtol with base 0 reads them: rsync's option library
// takes hexadecimal (0x1F), octal (017), a sign and leading white space; an empty value is 0.
import type { ByteString } from "../../base/index.ts";

const form = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

/** Returns the number, or what is wrong with it in rsync's words. */
export function parseInteger(
  text: ByteString,
): number | "invalid numeric value" | "number too large or too small" {
  if (text === "") return 0;
  const match = form.exec(text);
  if (match === null) return "invalid numeric value";
  const [, sign = "", digits = ""] = match;
  const octal = /^0[0-7]/.test(digits);
  const size = octal ? Number.parseInt(digits, 8) : Number(digits);
  const value = sign === "-" ? -size : size;
  if (value > 0x7fffffff || value < -0x80000000) return "number too large or too small";
  return value === 0 ? 0 : value;
}

/** Returns the number that the text starts with, 0 when it starts with none (C's atoi). */
export function leadingInteger(text: ByteString): number {
  return Number(/^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text)?.[1] ?? 0);
}
