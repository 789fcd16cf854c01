// A whole rule list made ready to match. Most names match no rule at all, so the program first asks
// two tables, by the name's first and by its last byte, which rules can match: one bit a rule, 32
// rules a word. Only rules that pass both are tried, in order.

import { type Matcher, matchName, matchPath, nameLengths, needsPath } from "./matcher.ts";
import type { EdgeBytes } from "./wildcard.ts";

/** A compiled rule list. Immutable; shared by every directory with the same rules. */
export interface Program {
  readonly matchers: readonly Matcher[];
  /** Words of 32 rules each. */
  readonly words: number;
  /** At byte * words + word: the rules that a name beginning with that byte can match. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** Rules that non-directories can match; directories can match all. */
  readonly files: Uint32Array;
  /** Least and greatest length of a name that each rule can apply to. */
  readonly shortest: Int32Array;
  readonly longest: Int32Array;
  /** Some rule looks at the path. */
  readonly needsPath: boolean;
}

/** Compiles a list of matchers, kept in order. */
export function compileProgram(matchers: readonly Matcher[]): Program {
  const words = Math.ceil(matchers.length / 32);
  const first = new Uint32Array(256 * words);
  const last = new Uint32Array(256 * words);
  const files = new Uint32Array(words);
  const anyFirst = new Uint32Array(words);
  const anyLast = new Uint32Array(words);
  for (let i = 0; i < matchers.length; i++) {
    const matcher = matchers[i] as Matcher;
    const word = i >>> 5;
    const bit = 1 << (i & 31);
    // A negated rule applies to everything that its pattern does not match.
    setEdge(first, anyFirst, words, word, bit, matcher.negate ? undefined : matcher.first);
    setEdge(last, anyLast, words, word, bit, matcher.negate ? undefined : matcher.last);
    if (matcher.negate || !matcher.directoryOnly) files[word] = (files[word] as number) | bit;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let word = 0; word < words; word++) {
      const at = byte * words + word;
      first[at] = (first[at] as number) | (anyFirst[word] as number);
      last[at] = (last[at] as number) | (anyLast[word] as number);
    }
  }
  return {
    matchers,
    words,
    first,
    last,
    files,
    shortest: Int32Array.from(matchers, (matcher) => nameLengths(matcher)[0]),
    longest: Int32Array.from(matchers, (matcher) => nameLengths(matcher)[1]),
    needsPath: matchers.some(needsPath),
  };
}

function setEdge(
  table: Uint32Array,
  any: Uint32Array,
  words: number,
  word: number,
  bit: number,
  edge: EdgeBytes,
): void {
  if (edge === undefined) any[word] = (any[word] as number) | bit;
  else if (typeof edge === "number") {
    table[edge * words + word] = (table[edge * words + word] as number) | bit;
  } else {
    for (let byte = 0; byte < 256; byte++) {
      const at = byte * words + word;
      if (edge[byte] === 1) table[at] = (table[at] as number) | bit;
    }
  }
}

/** The directory that the names lie in, as `runProgram` needs it. */
export interface PathBuffer {
  /**
   * Absolute path of the directory with a slash at both ends; room for a name and a slash after
   * it, which runProgram fills in.
   */
  bytes: Uint8Array;
  /** Bytes of the directory's path, both slashes included. */
  length: number;
  /** Where the path within the transfer begins. */
  transferStart: number;
  /** Where the name ends that runProgram wrote, -1 while it wrote none. */
  end: number;
}

/**
 * Returns the index of the first rule from `from` on that applies to the name, -1 when none does.
 * `path` may be undefined when the program does not need one. Hot loop: called for every name.
 */
export function runProgram(
  program: Program,
  path: PathBuffer | undefined,
  names: Uint8Array,
  start: number,
  end: number,
  isDirectory: boolean,
  from: number,
): number {
  if (start >= end) return -1;
  const { words, first, last, files, shortest, longest, matchers } = program;
  const length = end - start;
  const firstRow = (names[start] as number) * words;
  const lastRow = (names[end - 1] as number) * words;
  if (path !== undefined) path.end = -1;
  let mask = -1 << (from & 31);
  for (let word = from >>> 5; word < words; word++) {
    let candidates = (first[firstRow + word] as number) & (last[lastRow + word] as number) & mask;
    if (!isDirectory) candidates &= files[word] as number;
    mask = -1;
    while (candidates !== 0) {
      const index = (word << 5) + 31 - Math.clz32(candidates & -candidates);
      candidates &= candidates - 1;
      if (length < (shortest[index] as number) || length > (longest[index] as number)) continue;
      if (applies(matchers[index] as Matcher, path, names, start, end, isDirectory)) return index;
    }
  }
  return -1;
}

function applies(
  matcher: Matcher,
  path: PathBuffer | undefined,
  names: Uint8Array,
  start: number,
  end: number,
  isDirectory: boolean,
): boolean {
  if (matcher.directoryOnly && !isDirectory) return matcher.negate;
  if (!needsPath(matcher)) return matchName(matcher, names, start, end) !== matcher.negate;
  if (path === undefined) return false;
  if (path.end < 0) writeName(path, names, start, end);
  const { bytes, transferStart } = path;
  return matchPath(matcher, bytes, transferStart, path.end, isDirectory) !== matcher.negate;
}

/** Puts the name and a slash after the directory's path. */
function writeName(path: PathBuffer, names: Uint8Array, start: number, end: number): void {
  const { length } = path;
  const pathEnd = length + end - start;
  if (path.bytes.length <= pathEnd) {
    const grown = new Uint8Array(pathEnd + 256);
    grown.set(path.bytes.subarray(0, length));
    path.bytes = grown;
  }
  const { bytes } = path;
  for (let from = start, to = length; from < end; from++, to++) bytes[to] = names[from] as number;
  bytes[pathEnd] = 0x2f;
  path.end = pathEnd;
}
