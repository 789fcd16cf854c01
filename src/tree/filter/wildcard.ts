// Wildcard patterns over bytes. `?` and `[...]` match one byte that is not a slash, `*` a run
// without slashes, `**` (or more stars) any run. Patterns are compiled to arrays; the matcher walks
// them without recursion or allocation, and cannot take exponential time.

import { type ByteString, toBytes } from "../../base/index.ts";
import { parseClass } from "./character-class.ts";

const slash = 0x2f;
const backslash = 0x5c;
const anyToken = 256;
const starToken = 257;
const deepToken = 258;
const firstClassToken = 259;

/**
 * A compiled pattern. `**` cuts it into parts, `*` cuts a part into segments, and a segment is a
 * run of symbols that match one byte each, so that a segment has a fixed length.
 */
export interface Wildcard {
  /** The whole pattern: bytes (0..255), 256 = `?`, 257 = `*`, 258 = `**`, 259 + i = class i. */
  readonly symbols: Int32Array;
  /** For each class, 1 for every byte that it matches. */
  readonly classes: readonly Uint8Array[];
  /** The symbols without stars, segment after segment. */
  readonly tokens: Int32Array;
  /** Where each segment begins in `tokens`; one more for the end. */
  readonly segments: Int32Array;
  /** Where each part begins in `segments`; one more for the end. */
  readonly parts: Int32Array;
}

/** Compiles a pattern in which wildcards are active; undefined when it is malformed: no match ever. */
export function compileWildcard(pattern: ByteString): Wildcard | undefined {
  const symbols: number[] = [];
  const classes: Uint8Array[] = [];
  let i = 0;
  while (i < pattern.length) {
    const byte = pattern.charCodeAt(i++);
    if (byte === 0x2a) {
      const first = i;
      while (pattern.charCodeAt(i) === 0x2a) i++;
      symbols.push(i > first ? deepToken : starToken);
    } else if (byte === 0x3f) symbols.push(anyToken);
    else if (byte === 0x5b) {
      const parsed = parseClass(pattern, i);
      if (parsed === undefined) return undefined;
      symbols.push(firstClassToken + classes.length);
      classes.push(parsed.table);
      i = parsed.end;
    } else if (byte === backslash) {
      // A backslash at the end escapes nothing and can match nothing.
      if (i === pattern.length) return undefined;
      symbols.push(pattern.charCodeAt(i++));
    } else symbols.push(byte);
  }
  return layOut(symbols, classes);
}

/** Returns the same wildcard with `**` and a slash in front: it may then start after any slash. */
export function floatWildcard(wildcard: Wildcard): Wildcard {
  return layOut([deepToken, slash, ...wildcard.symbols], wildcard.classes);
}

/** The pattern without any symbol. */
export const emptyWildcard: Wildcard = layOut([], []);

function layOut(symbols: readonly number[], classes: readonly Uint8Array[]): Wildcard {
  const tokens: number[] = [];
  const segments = [0];
  const parts = [0];
  for (const symbol of symbols) {
    if (symbol !== starToken && symbol !== deepToken) tokens.push(symbol);
    else {
      if (symbol === deepToken) parts.push(segments.length);
      segments.push(tokens.length);
    }
  }
  parts.push(segments.length);
  segments.push(tokens.length);
  return {
    symbols: Int32Array.from(symbols),
    classes,
    tokens: Int32Array.from(tokens),
    segments: Int32Array.from(segments),
    parts: Int32Array.from(parts),
  };
}

/** The first segment of a part does not stand at the place tried. */
const elsewhere = -1;
/** A `*` met a slash before its next segment was found. */
const stopped = -2;
/** No later place can do better. */
const hopeless = -3;

/** Says whether a whole name matches a pattern that is used once: of accounts, not of files. */
export function matchesPattern(pattern: ByteString, name: ByteString): boolean {
  const wildcard = compileWildcard(pattern);
  return wildcard !== undefined && matchWildcard(wildcard, toBytes(name), 0, name.length);
}

/**
 * Says whether the pattern matches all of `bytes` from `start` to `end`.
 *
 * Every part, and every segment in a part, is taken at the first place where it fits. That is
 * enough: a `**` can take up whatever a later place would leave, and so can a `*`, since it cannot
 * leave its path element anyhow. No backtracking further than one part, no recursion.
 */
export function matchWildcard(
  wildcard: Wildcard,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const last = wildcard.parts.length - 2;
  let at = matchPart(wildcard, 0, bytes, start, end);
  for (let part = 1; at >= 0 && part <= last; part++) {
    at = findPart(wildcard, part, bytes, at, end);
  }
  return at >= 0;
}

/** Returns where the first match of a part from `start` on ends, or a negative number. */
function findPart(
  wildcard: Wildcard,
  part: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const { parts, segments } = wildcard;
  const segment = parts[part] as number;
  const length = (segments[segment + 1] as number) - (segments[segment] as number);
  const isLast = part === parts.length - 2;
  // The last part is at the end; without a `*` in it, that leaves one place.
  let at = isLast && (parts[part + 1] as number) === segment + 1 ? end - length : start;
  if (at < start) return hopeless;
  while (at <= end) {
    const found = matchPart(wildcard, part, bytes, at, end);
    if (found >= 0 || found === hopeless) return found;
    // Where a `*` was stopped by a slash, every place before that slash is stopped there, too.
    at =
      found === stopped
        ? Math.max(at + 1, nextSlash(bytes, at + length, end) + 1 - length)
        : at + 1;
  }
  return hopeless;
}

/** Matches a part at a place; returns where it ends (the last part: at `end`), or why not. */
function matchPart(
  wildcard: Wildcard,
  part: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const { parts, segments } = wildcard;
  const isLast = part === parts.length - 2;
  const stop = parts[part + 1] as number;
  let segment = parts[part] as number;
  let at = start;
  let length = (segments[segment + 1] as number) - (segments[segment] as number);
  if (at + length > end) return hopeless;
  if (!fits(wildcard, segment, bytes, at)) return elsewhere;
  at += length;
  for (segment++; segment < stop; segment++) {
    length = (segments[segment + 1] as number) - (segments[segment] as number);
    const only = isLast && segment === stop - 1 ? end - length : -1;
    for (;;) {
      if (at + length > end) return hopeless;
      if ((only < 0 || at === only) && fits(wildcard, segment, bytes, at)) break;
      if (at === only) return hopeless;
      if (bytes[at] === slash) return stopped;
      at++;
    }
    at += length;
  }
  return !isLast || at === end ? at : elsewhere;
}

function fits(wildcard: Wildcard, segment: number, bytes: Uint8Array, at: number): boolean {
  const { tokens, segments } = wildcard;
  const first = segments[segment] as number;
  const stop = segments[segment + 1] as number;
  for (let token = first; token < stop; token++) {
    const want = tokens[token] as number;
    const byte = bytes[at + token - first] as number;
    if (want < 256 ? want !== byte : !matchesOne(wildcard, want, byte)) return false;
  }
  return true;
}

function matchesOne(wildcard: Wildcard, want: number, byte: number): boolean {
  if (want === anyToken) return byte !== slash;
  return (wildcard.classes[want - firstClassToken] as Uint8Array)[byte] === 1;
}

function nextSlash(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== slash) at++;
  return at;
}

/** Which bytes can begin or end a match: one byte, a table, or anything. */
export type EdgeBytes = number | Uint8Array | undefined;

/** Returns the bytes that the last path element of a match can begin with. */
export function firstBytes(wildcard: Wildcard): EdgeBytes {
  const { symbols } = wildcard;
  let element = symbols.length;
  while (element > 0 && symbols[element - 1] !== slash) {
    element--;
    if (symbols[element] === deepToken) return undefined;
  }
  return edge(wildcard, symbols[element]);
}

/** Returns the bytes that a match can end with. */
export function lastBytes(wildcard: Wildcard): EdgeBytes {
  return edge(wildcard, wildcard.symbols[wildcard.symbols.length - 1]);
}

function edge(wildcard: Wildcard, symbol: number | undefined): EdgeBytes {
  if (symbol === undefined) return new Uint8Array(256);
  if (symbol < 256) return symbol;
  if (symbol < firstClassToken) return undefined;
  return wildcard.classes[symbol - firstClassToken];
}

/** What a wildcard amounts to when it has one of the everyday shapes. */
export interface SimpleShape {
  /** "anything" has no bytes; the stars of prefix and suffix do not match slashes. */
  readonly shape: "anything" | "prefix" | "suffix";
  readonly bytes: Uint8Array;
}

/** Recognizes `*`, `foo*` and `*.o`, for patterns that are matched against a bare name. */
export function simpleShape(wildcard: Wildcard): SimpleShape | undefined {
  const { tokens, segments } = wildcard;
  if (segments.length !== 3 || tokens.some((token) => token >= 256)) return undefined;
  const bytes = Uint8Array.from(tokens);
  if (bytes.length === 0) return { shape: "anything", bytes };
  if (segments[1] === 0) return { shape: "suffix", bytes };
  return segments[1] === bytes.length ? { shape: "prefix", bytes } : undefined;
}
