// Parses one rule of the filter language from its text. The text is a byte string; what it means
// depends on where it was read (the template): a merge file can hold whole rules or bare patterns,
// and passes modifiers on to the rules in it.

import type { ByteString } from "../../base/index.ts";
import {
  ruleAbsolute,
  ruleBare,
  ruleClear,
  ruleCvs,
  ruleDirectory,
  ruleDirectoryMerge,
  ruleExcludeSelf,
  ruleFromFile,
  ruleInclude,
  ruleInherited,
  ruleMerge,
  ruleNegate,
  ruleNoInherit,
  rulePerishable,
  ruleSides,
  ruleSource,
  ruleTarget,
  ruleWords,
  ruleXattr,
} from "./rule.ts";

/** How rule texts of one place are to be read. */
export interface RuleSyntax {
  /** Flags of the merge rule that brought the text, or ruleInclude for --include. */
  readonly template: number;
  /** --include and --exclude: patterns with an optional `+ ` or `- `, or `!`. */
  readonly oldPrefixes: boolean;
}

/** A rule as written; its pattern may still end with the slash of ruleDirectory. */
export interface ParsedRule {
  readonly flags: number;
  readonly pattern: ByteString;
}

/** Why a text is not a rule. `detail` quotes the text; show it only when the text may be shown. */
export interface RuleError {
  readonly error: string;
  readonly detail: string;
}

const longNames: Readonly<Record<string, string>> = {
  clear: "!",
  "dir-merge": ":",
  exclude: "-",
  hide: "H",
  include: "+",
  merge: ".",
  protect: "P",
  risk: "R",
  show: "S",
};

const kindFlags: Readonly<Record<string, number>> = {
  ":": ruleMerge | ruleDirectoryMerge,
  ".": ruleMerge,
  "+": ruleInclude,
  "-": 0,
  S: ruleInclude | ruleSource,
  H: ruleSource,
  R: ruleInclude | ruleTarget,
  P: ruleTarget,
  "!": ruleClear,
};

/** Parses one non-empty rule text. */
export function parseRule(text: ByteString, syntax: RuleSyntax): ParsedRule | RuleError {
  const { template, oldPrefixes } = syntax;
  const base = template & (ruleInherited | ruleFromFile);
  let parsed: ParsedRule | RuleError;
  const bare = (template & ruleBare) !== 0;
  if (bare) parsed = parseBare(text, base, (template & ruleCvs) !== 0);
  else if (oldPrefixes) parsed = parseOld(text, base);
  else parsed = parseFull(text, base);
  if ("error" in parsed) return parsed;
  let { flags } = parsed;
  if ((template & ruleSides) !== 0) {
    if ((flags & ruleSides) !== 0) {
      return { error: "a merge file with a side holds a rule with a side", detail: "" };
    }
    flags |= template & ruleSides;
  }
  if ((flags & (ruleClear | ruleCvs)) === 0 && parsed.pattern === "") {
    return { error: "the rule ends before its pattern", detail: "" };
  }
  return { flags, pattern: parsed.pattern };
}

/** Lines of `-` and `+` merges: only `!` alone means something, and only the CVS way. */
function parseBare(text: ByteString, base: number, cvs: boolean): ParsedRule {
  return cvs && text === "!"
    ? { flags: base | ruleClear, pattern: "" }
    : { flags: base, pattern: text };
}

function parseOld(text: ByteString, base: number): ParsedRule {
  if (text.startsWith("- ")) return { flags: base & ~ruleInclude, pattern: text.slice(2) };
  if (text.startsWith("+ ")) return { flags: base | ruleInclude, pattern: text.slice(2) };
  if (text === "!") return { flags: base | ruleClear, pattern: "" };
  return { flags: base, pattern: text };
}

function parseFull(text: ByteString, base: number): ParsedRule | RuleError {
  const name = longName(text);
  const kind = name === undefined ? (text[0] as string) : (longNames[name] as string);
  // Only kinds written as one letter may be lower-case letters in the table of names.
  if (!Object.hasOwn(kindFlags, kind)) return { error: "unknown rule", detail: "" };
  const start = name?.length ?? 1;
  if (kind === "!") {
    const rest = text[start] === "," ? start + 1 : start;
    if (rest < text.length) return { error: "the rule ! takes no argument", detail: "" };
    return { flags: base | ruleClear, pattern: "" };
  }
  let flags = base | (kindFlags[kind] as number);
  const kindSaysSide = ((kindFlags[kind] as number) & ruleSides) !== 0;
  let at = text[start] === "," ? start + 1 : start;
  for (; at < text.length && text[at] !== " " && text[at] !== "_"; at++) {
    const added = modifier(text[at] as string, flags, kindSaysSide);
    if (added === undefined) {
      const detail = ` ${JSON.stringify(text[at])} at position ${at}`;
      return { error: "invalid modifier", detail };
    }
    flags |= added;
  }
  return { flags, pattern: text.slice(at + 1) };
}

const nameEnds = "_, \t\n\v\f\r";

/** A long name counts when the text ends after it, or a blank, `_` or `,` follows. */
function longName(text: ByteString): string | undefined {
  for (const name of Object.keys(longNames)) {
    if (text.startsWith(name) && nameEnds.includes(text[name.length] ?? "_")) return name;
  }
  return undefined;
}

/** Returns the flags that a modifier adds, undefined where it may not stand. */
function modifier(letter: string, flags: number, kindSaysSide: boolean): number | undefined {
  const merge = (flags & ruleMerge) !== 0;
  const bareAllowed = merge && (flags & ruleBare) === 0;
  switch (letter) {
    case "/":
      return ruleAbsolute;
    case "!":
      return merge ? undefined : ruleNegate;
    case "C":
      return (flags & ruleBare) !== 0 || kindSaysSide
        ? undefined
        : ruleBare | ruleWords | ruleNoInherit | ruleCvs;
    case "-":
      return bareAllowed ? ruleBare : undefined;
    case "+":
      return bareAllowed ? ruleBare | ruleInclude : undefined;
    case "e":
      return merge ? ruleExcludeSelf : undefined;
    case "n":
      return merge ? ruleNoInherit : undefined;
    case "w":
      return merge ? ruleWords : undefined;
    case "p":
      return rulePerishable;
    case "r":
      return kindSaysSide ? undefined : ruleTarget;
    case "s":
      return kindSaysSide ? undefined : ruleSource;
    case "x":
      return ruleXattr;
    default:
      return undefined;
  }
}

/** Takes the slash off the end of a pattern that means "directories only". */
export function splitDirectoryMark(rule: ParsedRule): ParsedRule {
  const { pattern, flags } = rule;
  if (pattern.length < 2 || !pattern.endsWith("/")) return rule;
  return { pattern: pattern.slice(0, -1), flags: flags | ruleDirectory };
}
