// One rule made ready to match: which part of the path it looks at, and how. A matcher works on
// bytes in place: the entry's name lies in the listing, the path of its directory in a buffer that
// the level prepared.

import { type ByteString, toBytes } from "../../base/index.ts";
import {
  type FilterRule,
  ruleAbsolute,
  ruleDirectory,
  ruleInclude,
  ruleNegate,
  rulePerishable,
} from "./rule.ts";
import {
  compileWildcard,
  type EdgeBytes,
  emptyWildcard,
  firstBytes,
  floatWildcard,
  lastBytes,
  matchWildcard,
  simpleShape,
  type Wildcard,
} from "./wildcard.ts";

/** What a matcher compares with what. "name" kinds need no path. */
export type MatchKind = (typeof matchKinds)[keyof typeof matchKinds];

/** Kinds of matchers. */
export const matchKinds = {
  nothing: 0,
  anyName: 1,
  name: 2,
  namePrefix: 3,
  nameSuffix: 4,
  nameWildcard: 5,
  path: 6,
  pathTail: 7,
  pathWildcard: 8,
  pathTailWildcard: 9,
} as const;

/**
 * The text a path kind looks at lies in the level's buffer, which holds
 * `/absolute/path/of/the/directory/NAME/`; this says where it begins.
 */
export const subjects = { transfer: 0, absolute: 1, anchor: 2 } as const;

/** When a subject includes the slash before it; "at-root": when the transfer root is `/`. */
const leadingSlashes = { never: 0, always: 1, atRoot: 2 } as const;

/** A rule made ready to match. Immutable; belongs to no directory. */
export class Matcher {
  readonly kind: MatchKind;
  readonly negate: boolean;
  readonly directoryOnly: boolean;
  readonly literal: Uint8Array;
  readonly wildcard: Wildcard;
  readonly subject: number;
  /** Bytes of the anchor directory, where the subject is one. */
  readonly anchorLength: number;
  /** Whether the subject begins with the slash before it, so that `**` and a slash match there. */
  readonly leadingSlash: number;
  /** A directory's subject ends with a slash, for `dir/***`. */
  readonly trailingSlash: boolean;
  /** For the tail kinds: how many path elements at the end must match. */
  readonly elements: number;
  readonly include: boolean;
  readonly perishable: boolean;
  /** Which first and last bytes a name can have if this matches; undefined = any. */
  readonly first: EdgeBytes;
  readonly last: EdgeBytes;

  /** Use compileMatcher. */
  constructor(rule: FilterRule, text: CompiledText, place: Place) {
    const { flags } = rule;
    this.kind = text.kind;
    this.negate = (flags & ruleNegate) !== 0;
    this.directoryOnly = (flags & ruleDirectory) !== 0;
    this.literal = text.literal;
    this.wildcard = text.wildcard;
    this.subject = place.subject;
    this.anchorLength = rule.anchor?.length ?? 0;
    this.leadingSlash = place.leadingSlash;
    this.trailingSlash = place.trailingSlash;
    this.elements = place.elements;
    this.include = (flags & ruleInclude) !== 0;
    this.perishable = (flags & rulePerishable) !== 0;
    this.first = text.first;
    this.last = text.last;
  }
}

type Place = Pick<Matcher, "subject" | "leadingSlash" | "trailingSlash" | "elements">;

/**
 * Compiles a pattern rule (not a directory merge).
 *
 * Which text a pattern is held against follows rsync(1), PATTERN MATCHING RULES, in detail:
 * stars and slashes are counted in the pattern as written, escaped or in brackets or not. Without
 * slash and `**`, the bare name. With a leading slash, the path from the anchor on. With `**`, any
 * part of the path that begins at its start or after a slash (a leading `**` takes up the rest by
 * itself). With slashes only, as many elements at the end of the path as the pattern has.
 */
export function compileMatcher(rule: FilterRule): Matcher {
  const { pattern, flags } = rule;
  const anchored = pattern.startsWith("/");
  const text = anchored ? pattern.slice(1) : pattern;
  const deep = pattern.includes("**");
  const deepFirst = pattern.startsWith("**");
  const absolute = (flags & ruleAbsolute) !== 0;
  const floating = deep && !deepFirst && !anchored;
  return new Matcher(rule, compileText(text, rangeOf(pattern), floating), {
    subject: subjectOf(rule, anchored, absolute),
    leadingSlash: leadingSlashOf(floating, deepFirst, absolute),
    trailingSlash: deep && pattern.endsWith("***"),
    elements: countSlashes(pattern) + 1,
  });
}

/** How much of the path a pattern is held against. */
type Range = "name" | "tail" | "whole";

function rangeOf(pattern: ByteString): Range {
  if (pattern.includes("**") || pattern.startsWith("/")) return "whole";
  return pattern.includes("/") ? "tail" : "name";
}

type CompiledText = Pick<Matcher, "kind" | "literal" | "wildcard" | "first" | "last">;

function compileText(text: ByteString, range: Range, floating: boolean): CompiledText {
  if (!text.includes("*") && !text.includes("?") && !text.includes("[")) {
    const literal = toBytes(text);
    const first = literal[text.lastIndexOf("/") + 1] ?? noBytes;
    const last = literal[literal.length - 1] ?? noBytes;
    return { kind: literalKinds[range], literal, wildcard: emptyWildcard, first, last };
  }
  const wildcard = compileWildcard(text);
  if (wildcard === undefined) return nothing;
  const first = firstBytes(wildcard);
  const last = lastBytes(wildcard);
  const shape = range === "name" ? simpleShape(wildcard) : undefined;
  if (shape !== undefined) {
    return { kind: shapeKinds[shape.shape], literal: shape.bytes, wildcard, first, last };
  }
  const searched = floating ? floatWildcard(wildcard) : wildcard;
  return { kind: wildcardKinds[range], literal: noBytes, wildcard: searched, first, last };
}

/** No bytes at all, and the table in which no byte is marked. */
const noBytes = new Uint8Array(0);

/** A malformed pattern; its rule still applies to everything when it is negated. */
const nothing: CompiledText = {
  kind: matchKinds.nothing,
  literal: noBytes,
  wildcard: emptyWildcard,
  first: noBytes,
  last: noBytes,
};

const literalKinds = {
  name: matchKinds.name,
  tail: matchKinds.pathTail,
  whole: matchKinds.path,
} as const;

const wildcardKinds = {
  name: matchKinds.nameWildcard,
  tail: matchKinds.pathTailWildcard,
  whole: matchKinds.pathWildcard,
} as const;

const shapeKinds = {
  anything: matchKinds.anyName,
  prefix: matchKinds.namePrefix,
  suffix: matchKinds.nameSuffix,
} as const;

/** Returns the least and the greatest length of a name that the rule can apply to. */
export function nameLengths(matcher: Matcher): readonly [number, number] {
  const { kind, literal, wildcard, negate } = matcher;
  if (negate || kind >= matchKinds.path) return [0, longest];
  if (kind === matchKinds.name) return [literal.length, literal.length];
  return [kind === matchKinds.nameWildcard ? wildcard.tokens.length : literal.length, longest];
}

const longest = 0x7fffffff;

/** Says whether a matcher looks at more than the bare name. */
export function needsPath(matcher: Matcher): boolean {
  return matcher.kind >= matchKinds.path;
}

function subjectOf(rule: FilterRule, anchored: boolean, absolute: boolean): number {
  if (absolute) return subjects.absolute;
  return anchored && rule.anchor !== undefined ? subjects.anchor : subjects.transfer;
}

function leadingSlashOf(floating: boolean, deepFirst: boolean, absolute: boolean): number {
  if (floating) return leadingSlashes.always;
  if (!deepFirst) return leadingSlashes.never;
  return absolute ? leadingSlashes.atRoot : leadingSlashes.always;
}

function countSlashes(pattern: ByteString): number {
  let count = 0;
  for (let i = 0; i < pattern.length; i++) if (pattern[i] === "/") count++;
  return count;
}

/** Says whether a "name" kind matches the bytes from `start` to `end`. */
export function matchName(
  matcher: Matcher,
  names: Uint8Array,
  start: number,
  end: number,
): boolean {
  const { literal } = matcher;
  const length = literal.length;
  switch (matcher.kind) {
    case matchKinds.anyName:
      return true;
    case matchKinds.name:
      return end - start === length && equalAt(names, start, literal);
    case matchKinds.nameSuffix:
      return end - start >= length && equalAt(names, end - length, literal);
    case matchKinds.namePrefix:
      return end - start >= length && equalAt(names, start, literal);
    case matchKinds.nameWildcard:
      return matchWildcard(matcher.wildcard, names, start, end);
    default:
      return false;
  }
}

/**
 * Says whether a "path" kind matches. `path` holds the absolute path up to `end`, with a slash at
 * 0 and at `end`; `transferStart` is where the path within the transfer begins.
 */
export function matchPath(
  matcher: Matcher,
  path: Uint8Array,
  transferStart: number,
  end: number,
  isDirectory: boolean,
): boolean {
  let start = transferStart;
  if (matcher.subject === subjects.anchor) start = matcher.anchorLength;
  else if (matcher.subject === subjects.absolute) start = 1;
  const lead = matcher.leadingSlash;
  if (lead === leadingSlashes.always || (lead === leadingSlashes.atRoot && transferStart === 1)) {
    start--;
  }
  const stop = isDirectory && matcher.trailingSlash ? end + 1 : end;
  const { literal } = matcher;
  switch (matcher.kind) {
    case matchKinds.path:
      return stop - start === literal.length && equalAt(path, start, literal);
    case matchKinds.pathTail: {
      const from = stop - literal.length;
      if (from < start || !equalAt(path, from, literal)) return false;
      return from === start || path[from - 1] === slash;
    }
    case matchKinds.pathWildcard:
      return matchWildcard(matcher.wildcard, path, start, stop);
    case matchKinds.pathTailWildcard: {
      const from = tailStart(path, start, stop, matcher.elements);
      return from >= 0 && matchWildcard(matcher.wildcard, path, from, stop);
    }
    default:
      return false;
  }
}

const slash = 0x2f;

function equalAt(bytes: Uint8Array, start: number, literal: Uint8Array): boolean {
  // Backwards: names of one directory differ at their ends more often than at their beginnings.
  for (let i = literal.length - 1; i >= 0; i--) if (bytes[start + i] !== literal[i]) return false;
  return true;
}

/** Where the last `elements` elements begin, -1 when there are fewer. */
function tailStart(path: Uint8Array, start: number, end: number, elements: number): number {
  let left = elements;
  for (let i = end - 1; i >= start; i--) {
    if (path[i] === slash && --left === 0) return i + 1;
  }
  return left === 1 ? start : -1;
}
