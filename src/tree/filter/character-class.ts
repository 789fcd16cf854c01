// Bracket expressions of wildcard patterns: `[a-z]`, `[!0-9]`, `[^x]`, `[[:alpha:]_]`, `[]-]`.
// A class becomes a table of 256 bytes. It never matches a slash, negated or not. Names of classes
// mean what they mean in the C locale, bytes above 127 belong to none.

import type { ByteString } from "../../base/index.ts";

/** A parsed bracket expression. */
export interface ParsedClass {
  /** 1 for every byte that matches. */
  readonly table: Uint8Array;
  /** Index after the closing bracket. */
  readonly end: number;
}

type Range = readonly [number, number];
const digits: Range = [0x30, 0x39];
const uppers: Range = [0x41, 0x5a];
const lowers: Range = [0x61, 0x7a];
const namedClasses: Readonly<Record<string, readonly Range[]>> = {
  alnum: [digits, uppers, lowers],
  alpha: [uppers, lowers],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0x00, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: [digits],
  graph: [[0x21, 0x7e]],
  lower: [lowers],
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: [uppers],
  xdigit: [digits, [0x41, 0x46], [0x61, 0x66]],
};

/**
 * Parses the bracket expression whose first byte after `[` is at `start`; undefined when it is
 * malformed (no closing bracket, unknown class name), so that its pattern matches nothing.
 *
 * The first member may be `]`. A backslash takes the next byte literally. A range needs a byte
 * on both sides of its `-`, and a byte that ended a range or a named class cannot begin one.
 */
export function parseClass(pattern: ByteString, start: number): ParsedClass | undefined {
  const table = new Uint8Array(256);
  const mark = pattern[start];
  const negated = mark === "!" || mark === "^";
  const first = negated ? start + 1 : start;
  let at = first;
  let rangeStart = -1;
  for (;;) {
    if (at >= pattern.length) return undefined;
    if (pattern[at] === "]" && at > first) break;
    const member = parseMember(pattern, at, rangeStart);
    if (member === undefined) return undefined;
    for (const [low, high] of member.ranges) table.fill(1, low, Math.max(low, high + 1));
    rangeStart = member.rangeStart;
    at = member.end;
  }
  if (negated) for (let byte = 0; byte < 256; byte++) table[byte] = 1 - (table[byte] as number);
  table[0x2f] = 0;
  return { table, end: at + 1 };
}

interface Member {
  readonly ranges: readonly Range[];
  /** The byte with which a following `-` makes a range, or -1. */
  readonly rangeStart: number;
  readonly end: number;
}

function parseMember(pattern: ByteString, at: number, rangeStart: number): Member | undefined {
  const next = pattern[at + 1];
  if (pattern[at] === "-" && rangeStart >= 0 && next !== undefined && next !== "]") {
    const escaped = next === "\\";
    const high = pattern.charCodeAt(escaped ? at + 2 : at + 1);
    if (Number.isNaN(high)) return undefined;
    return { ranges: [[rangeStart, high]], rangeStart: -1, end: at + (escaped ? 3 : 2) };
  }
  if (pattern[at] === "[" && next === ":") {
    const close = pattern.indexOf("]", at + 2);
    if (close < 0) return undefined;
    if (close > at + 2 && pattern[close - 1] === ":") {
      const name = pattern.slice(at + 2, close - 1);
      if (!Object.hasOwn(namedClasses, name)) return undefined;
      return { ranges: namedClasses[name] as readonly Range[], rangeStart: -1, end: close + 1 };
    }
  }
  const escaped = pattern[at] === "\\";
  const byte = pattern.charCodeAt(escaped ? at + 1 : at);
  if (Number.isNaN(byte)) return undefined;
  return { ranges: [[byte, byte]], rangeStart: byte, end: at + (escaped ? 2 : 1) };
}
