// Makes a line of bytes fit to be shown: what could move a cursor, break a line or is not text in
// the reader's charset becomes \#ooo, as rsync writes it. Whole lines pass through here, after
// names were put into them, so that no face can forget one.

import type { ByteString } from "../../base/index.ts";
import type { Personality } from "../../options/index.ts";

/**
 * What the reader can show.
 *
 * "utf8": a UTF-8 locale, as rsync sees it. "ascii": the C locale. "bytes": -8, or a locale whose
 * every byte is a character. "log": rsync's log file. "terminal": UTF-8 without the characters that
 * drive terminals or reorder text (manifold's own face).
 */
export type EscapeMode = "utf8" | "ascii" | "bytes" | "log" | "terminal";

const plain = /^[\t\x20-\x7e]*$/;
const escapeLookalike = /\\#[0-9]{3}/g;

/** Returns the line as it is written out, without a final newline. */
export function escapeLine(line: ByteString, mode: EscapeMode): ByteString {
  if (plain.test(line)) {
    return line.includes("\\#") ? line.replace(escapeLookalike, guardLookalike) : line;
  }
  return escapeBytes(line, mode);
}

/** A name that looks like an escape loses its backslash to a real one: \#123 becomes \#134#123. */
function guardLookalike(match: string): string {
  return `\\#134${match.slice(1)}`;
}

function escapeBytes(line: ByteString, mode: EscapeMode): ByteString {
  let shown = "";
  let i = 0;
  while (i < line.length) {
    const width = shownWidth(line, i, mode);
    if (width === 0) shown += octal(line.charCodeAt(i++));
    else {
      shown += line.slice(i, i + width);
      i += width;
    }
  }
  return shown;
}

function octal(byte: number): string {
  return `\\#${byte.toString(8).padStart(3, "0")}`;
}

/** Returns how many bytes from `at` may be shown together; 0 = escape one byte. */
function shownWidth(line: ByteString, at: number, mode: EscapeMode): number {
  const byte = line.charCodeAt(at);
  if (byte < 0x20) return byte === 0x09 ? 1 : 0;
  if (byte === 0x5c) return isLookalike(line, at) ? 0 : 1;
  if (byte < 0x80) return byte === 0x7f && mode === "terminal" ? 0 : 1;
  if (mode === "bytes") return 1;
  if (mode === "ascii") return 0;
  if (mode === "log") return byte <= 0x9f ? 0 : 1;
  const width = sequenceWidth(line, at);
  return width > 0 && mode === "terminal" && drivesTerminal(line, at, width) ? 0 : width;
}

function isLookalike(line: ByteString, at: number): boolean {
  if (line.charCodeAt(at + 1) !== 0x23 || at + 5 > line.length) return false;
  for (let k = at + 2; k < at + 5; k++) {
    const digit = line.charCodeAt(k);
    if (digit < 0x30 || digit > 0x39) return false;
  }
  return true;
}

/** The lowest second byte that is not overlong, for the lead bytes where it is not 0x80. */
const secondMin = new Map([
  [0xe0, 0xa0],
  [0xf0, 0x90],
  [0xf8, 0x88],
  [0xfc, 0x84],
]);
/** A second byte from here on would spell a surrogate. */
const surrogateLead = 0xed;
const surrogateSecond = 0xa0;

/**
 * Returns the length of the UTF-8 sequence at `at`, 0 when there is none. Like the C library that
 * rsync asks, it takes sequences of up to six bytes, but neither overlong ones nor surrogates.
 */
function sequenceWidth(line: ByteString, at: number): number {
  const lead = line.charCodeAt(at);
  const width = leadWidth(lead);
  if (width === 0 || at + width > line.length) return 0;
  for (let k = at + 1; k < at + width; k++) {
    if ((line.charCodeAt(k) & 0xc0) !== 0x80) return 0;
  }
  const second = line.charCodeAt(at + 1);
  if (second < (secondMin.get(lead) ?? 0x80)) return 0;
  return lead === surrogateLead && second >= surrogateSecond ? 0 : width;
}

function leadWidth(lead: number): number {
  if (lead < 0xc2 || lead > 0xfd) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  if (lead < 0xf8) return 4;
  return lead < 0xfc ? 5 : 6;
}

/** C1 controls, bidirectional overrides, line separators, and code points that do not exist. */
function drivesTerminal(line: ByteString, at: number, width: number): boolean {
  if (width > 4) return true;
  let code = line.charCodeAt(at) & (0xff >> (width + 1));
  for (let k = at + 1; k < at + width; k++) code = (code << 6) | (line.charCodeAt(k) & 0x3f);
  return isTerminalControl(code) || code > 0x10ffff;
}

/** Says whether a code point above ASCII drives a terminal or reorders text. */
export function isTerminalControl(code: number): boolean {
  return (
    (code >= 0x7f && code <= 0x9f) ||
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}

/**
 * Returns the mode for a locale's name as the environment gives it (LC_ALL, else LC_CTYPE, else
 * LANG; "" when unset). `eightBit` is -8.
 */
export function escapeModeOf(
  locale: string,
  eightBit: boolean,
  personality: Personality,
): EscapeMode {
  if (eightBit) return "bytes";
  if (/utf-?8/i.test(locale)) return personality === "manifold" ? "terminal" : "utf8";
  if (/iso-?8859|koi8|@euro/i.test(locale)) return "bytes";
  return "ascii";
}
