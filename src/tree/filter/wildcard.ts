// Wildcard patterns over bytes. `?` and `[...]` match one byte that is not a slash, `*` a run
// without slashes, `**` (or more stars) any run. Compiled to a token array; the matcher walks it
// without recursion or allocation, and cannot take exponential time.

import type { ByteString } from "../../base/index.ts";
import { parseClass } from "./character-class.ts";

const slash = 0x2f;
const backslash = 0x5c;
const anyToken = 256;
const starToken = 257;
const deepToken = 258;
const firstClassToken = 259;

/** A compiled pattern: bytes (0..255), 256 = `?`, 257 = `*`, 258 = `**`, then the classes. */
export interface Wildcard {
  readonly tokens: Int32Array;
  /** For token 259 + i: 1 for every byte that class i matches. */
  readonly classes: readonly Uint8Array[];
}

/** Compiles a pattern in which wildcards are active; undefined when it is malformed: no match ever. */
export function compileWildcard(pattern: ByteString): Wildcard | undefined {
  const tokens: number[] = [];
  const classes: Uint8Array[] = [];
  let i = 0;
  while (i < pattern.length) {
    const byte = pattern.charCodeAt(i);
    if (byte === 0x2a) {
      let end = i + 1;
      while (pattern.charCodeAt(end) === 0x2a) end++;
      tokens.push(end - i > 1 ? deepToken : starToken);
      i = end;
    } else if (byte === 0x3f) {
      tokens.push(anyToken);
      i++;
    } else if (byte === 0x5b) {
      const parsed = parseClass(pattern, i + 1);
      if (parsed === undefined) return undefined;
      tokens.push(firstClassToken + classes.length);
      classes.push(parsed.table);
      i = parsed.end;
    } else if (byte === backslash) {
      // A backslash at the end escapes nothing and can match nothing.
      if (i + 1 === pattern.length) return undefined;
      tokens.push(pattern.charCodeAt(i + 1));
      i += 2;
    } else {
      tokens.push(byte);
      i++;
    }
  }
  return { tokens: Int32Array.from(tokens), classes };
}

/** Returns the same wildcard with `**` and a slash in front: it may then start after any slash. */
export function floatWildcard(wildcard: Wildcard): Wildcard {
  return {
    tokens: Int32Array.from([deepToken, slash, ...wildcard.tokens]),
    classes: wildcard.classes,
  };
}

/**
 * Says whether the pattern matches all of `bytes` from `start` to `end`.
 *
 * Greedy with two resume points, the last `*` and the last `**`. That is enough: everything
 * before a `**` may be forgotten because it can take up any later difference, and everything
 * before a `*` because a `*` ends at the next slash whatever came before it in the same path
 * element. When a `*` fails at a slash, the `**` before it need not be tried again where the `*`
 * would start in the same element.
 */
export function matchWildcard(
  wildcard: Wildcard,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { tokens } = wildcard;
  const count = tokens.length;
  let token = 0;
  let at = start;
  let star = -1; // the token after the last `*`, and where its run ends at present
  let starAt = 0;
  let deep = -1; // likewise for `**`
  let deepAt = 0;
  let firstStarAt = -1; // where the first `*` since that `**` began
  for (;;) {
    if (token < count) {
      const want = tokens[token] as number;
      if (want === starToken) {
        star = ++token;
        starAt = at;
        if (firstStarAt < 0) firstStarAt = at;
        continue;
      }
      if (want === deepToken) {
        deep = ++token;
        if (deep === count) return true;
        deepAt = at;
        star = firstStarAt = -1;
        continue;
      }
      // No run can be lengthened to any use once the text is used up.
      if (at >= end) return false;
      if (matchesOne(wildcard, want, bytes[at] as number)) {
        at++;
        token++;
        continue;
      }
    } else if (at === end) return true;
    if (star >= 0) {
      if (starAt >= end) return false;
      if (bytes[starAt] !== slash) {
        at = ++starAt;
        token = star;
        continue;
      }
    }
    if (deep < 0) return false;
    if (star >= 0) deepAt = afterElement(bytes, deepAt, firstStarAt, end);
    else if (token === count) deepAt = end - (at - deepAt);
    else deepAt++;
    if (deepAt > end) return false;
    at = deepAt;
    token = deep;
    star = firstStarAt = -1;
  }
}

function matchesOne(wildcard: Wildcard, want: number, byte: number): boolean {
  if (want < 256) return want === byte;
  if (want === anyToken) return byte !== slash;
  return (wildcard.classes[want - firstClassToken] as Uint8Array)[byte] === 1;
}

/** Where a `**` run may end next, so that the `*` after it starts beyond the element it failed in. */
function afterElement(bytes: Uint8Array, deepAt: number, firstStarAt: number, end: number): number {
  let stop = firstStarAt;
  while (stop < end && bytes[stop] !== slash) stop++;
  return Math.max(deepAt + 1, stop + 1 - (firstStarAt - deepAt));
}

/** Which bytes can begin or end a match: one byte, a table, or anything. */
export type EdgeBytes = number | Uint8Array | undefined;

/** Returns the bytes that the last path element of a match can begin with. */
export function firstBytes(wildcard: Wildcard): EdgeBytes {
  const { tokens } = wildcard;
  let element = tokens.length;
  while (element > 0 && tokens[element - 1] !== slash) {
    element--;
    if (tokens[element] === deepToken) return undefined;
  }
  return edge(wildcard, tokens[element]);
}

/** Returns the bytes that a match can end with. */
export function lastBytes(wildcard: Wildcard): EdgeBytes {
  return edge(wildcard, wildcard.tokens[wildcard.tokens.length - 1]);
}

function edge(wildcard: Wildcard, token: number | undefined): EdgeBytes {
  if (token === undefined) return new Uint8Array(256);
  if (token < 256) return token;
  if (token < firstClassToken) return undefined;
  return wildcard.classes[token - firstClassToken];
}

/** What a wildcard amounts to when it has one of the everyday shapes. */
export interface SimpleShape {
  /** "anything" has no bytes; the stars of prefix and suffix do not match slashes. */
  readonly shape: "anything" | "prefix" | "suffix";
  readonly bytes: Uint8Array;
}

/** Recognizes `*`, `foo*` and `*.o`, for patterns that are matched against a bare name. */
export function simpleShape(wildcard: Wildcard): SimpleShape | undefined {
  const { tokens } = wildcard;
  const stars = tokens.filter((token) => token >= 256);
  if (stars.length !== 1 || (stars[0] !== starToken && stars[0] !== deepToken)) return undefined;
  const bytes = Uint8Array.from(tokens.filter((token) => token < 256));
  if (bytes.length === 0) return { shape: "anything", bytes };
  if ((tokens[0] as number) >= 256) return { shape: "suffix", bytes };
  if ((tokens[tokens.length - 1] as number) >= 256) return { shape: "prefix", bytes };
  return undefined;
}
