// Reads rule texts and rule files into a list, following merge rules. The same code serves the
// command line and the merge files met in a tree; a ReadContext says what differs between them.

import { type ByteString, baseName } from "../../base/index.ts";
import { type CvsSources, cvsRules } from "./cvs-ignore.ts";
import { type MergePlace, mergePath } from "./merge-path.ts";
import { type ParsedRule, parseRule, type RuleSyntax, splitDirectoryMark } from "./parse-rule.ts";
import { describeRule, type FilterProblem, fileLabel, type RuleOrigin } from "./problem.ts";
import {
  type FilterRule,
  type FilterSide,
  mergeDepthMax,
  patternLengthMax,
  ruleAbsolute,
  ruleClear,
  ruleCvs,
  ruleDirectoryMerge,
  ruleExcludeSelf,
  ruleFromFile,
  ruleInclude,
  ruleLengthMax,
  ruleMerge,
  ruleSides,
  ruleSource,
  ruleTarget,
  ruleWords,
} from "./rule.ts";
import { ruleTexts } from "./rule-text.ts";

/** A file's content; undefined when there is no such file; else why it cannot be had. */
export type FileContent = Uint8Array | undefined | { readonly reason: string };

/** The list that rules are read into. */
export interface RuleSink {
  append(rule: FilterRule): void;
  /** The rule `!`: forgets everything that this list holds, inherited or not. */
  clear(): void;
}

/** What reading needs to know of its surroundings. */
export interface ReadContext extends MergePlace {
  readonly from0: boolean;
  readonly cvs: CvsSources;
  /** What a leading slash stands for (see FilterRule.anchor). */
  readonly anchor: ByteString | undefined;
  /** A directory above the transfer is being read: names in it are relative to it. */
  readonly aboveTransfer: boolean;
  /** Drops rules that concern the other side only; undefined keeps both. */
  readonly side: FilterSide | undefined;
  readonly readFile: (path: ByteString) => FileContent;
  /** A file that a rule merges and that is not there brings no rules. */
  readonly skipsMissing?: boolean;
  readonly report: (problem: FilterProblem) => void;
  /** How many more rule texts may be read; shared by everything one call reads. */
  readonly budget: { left: number; readonly max: number };
}

/** Reads one rule text. `depth` counts the merge files it is inside of. */
export function readRule(
  sink: RuleSink,
  context: ReadContext,
  text: ByteString,
  syntax: RuleSyntax,
  origin: RuleOrigin,
  depth = 0,
): void {
  if (!spend(context, origin)) return;
  const quoted = describeRule(origin, text);
  const parsed = parseRule(text, syntax);
  if ("error" in parsed) {
    const detail = origin.file === undefined ? parsed.detail : "";
    const message = `Cannot use filter rule ${quoted}: ${parsed.error}${detail}`;
    context.report({ code: "usage", message, stops: true });
    return;
  }
  if (parsed.pattern.length >= patternLengthMax) {
    reportOverlong(context, quoted, parsed.pattern.length, patternLengthMax);
    return;
  }
  const flags = origin.file === undefined ? parsed.flags : parsed.flags | ruleFromFile;
  if ((flags & ruleClear) !== 0) sink.clear();
  else if ((flags & ruleMerge) !== 0) {
    readMerge(sink, context, { flags, pattern: parsed.pattern || ".cvsignore" }, origin, depth);
  } else if ((flags & ruleCvs) !== 0) {
    for (const rule of cvsRules(flags, context.cvs, context.from0)) {
      if (spend(context, origin) && concerns(context, rule.flags)) sink.append(rule);
    }
  } else appendPattern(sink, context, { flags, pattern: parsed.pattern });
}

/** What a rule file is to be read as. */
export interface RuleFile {
  readonly path: ByteString;
  readonly syntax: RuleSyntax;
  /** Where the file was named. */
  readonly namedAt: RuleOrigin;
  /** A file that cannot be read stops the run; else a missing one means no rules. */
  readonly required: boolean;
}

/** Reads every rule of a file. `read` is asked for its content. */
export function readRuleFile(
  sink: RuleSink,
  context: ReadContext,
  file: RuleFile,
  read: () => FileContent,
  depth = 0,
): void {
  if (file.path === "") return;
  const { template } = file.syntax;
  const label = fileLabel(file.namedAt, template, file.path);
  if (depth >= mergeDepthMax) {
    const message = `Cannot merge ${label}: merge-file include depth limit (${mergeDepthMax}) exceeded`;
    context.report({ code: "io-start", message, stops: true });
    return;
  }
  const content = read();
  if (!(content instanceof Uint8Array)) {
    reportUnreadable(context, file, label, content?.reason);
    return;
  }
  const words = (template & ruleWords) !== 0;
  for (const { text, line } of ruleTexts(content, { words, from0: context.from0 })) {
    const origin = { file: label, line };
    if (text.length > ruleLengthMax) {
      if (!spend(context, origin)) return;
      reportOverlong(context, describeRule(origin, text), text.length, ruleLengthMax);
    } else readRule(sink, context, text, file.syntax, origin, depth + 1);
    if (context.budget.left < 0) return;
  }
}

function readMerge(
  sink: RuleSink,
  context: ReadContext,
  rule: ParsedRule,
  origin: RuleOrigin,
  depth: number,
): void {
  const { pattern } = rule;
  const flags = rule.flags & ~ruleExcludeSelf;
  const name = baseName(pattern);
  if ((rule.flags & ruleExcludeSelf) !== 0 && name !== "") {
    // In a tree this rule has both sides whatever --delete-excluded says; rsync does so, and it
    // keeps more.
    const sides = context.side === undefined ? 0 : ruleSides;
    sink.append({ pattern: name, flags: (rule.flags & ruleFromFile) | sides });
  }
  if ((flags & ruleDirectoryMerge) !== 0) {
    // Above the transfer the file must be found again from below, so its directory is kept.
    const kept = context.aboveTransfer ? mergePath(pattern, context) : pattern;
    if (concerns(context, flags)) sink.append(splitDirectoryMark({ flags, pattern: kept }));
    return;
  }
  const path = mergePath(pattern, context);
  const syntax = { template: flags, oldPrefixes: false };
  // As rsync does it: what a `.` brings into a directory's merge file has its anchor at the
  // transfer root, not at that directory.
  const inner = { ...context, anchor: undefined };
  const file = { path, syntax, namedAt: origin, required: true };
  const nothing = context.skipsMissing === true ? new Uint8Array(0) : undefined;
  readRuleFile(sink, inner, file, () => context.readFile(path) ?? nothing, depth);
}

function appendPattern(sink: RuleSink, context: ReadContext, rule: ParsedRule): void {
  if (!concerns(context, rule.flags)) return;
  const { pattern, flags } = splitDirectoryMark(rule);
  const { anchor } = context;
  const anchored = anchor !== undefined && pattern.startsWith("/") && (flags & ruleAbsolute) === 0;
  sink.append(anchored ? { pattern, flags, anchor } : { pattern, flags });
}

/** Rules above the transfer count for both sides, like those of the command line, as rsync has it. */
function concerns(context: ReadContext, flags: number): boolean {
  if (context.side === undefined || context.aboveTransfer) return true;
  return (flags & ruleSides) !== (context.side === "source" ? ruleTarget : ruleSource);
}

function spend(context: ReadContext, origin: RuleOrigin): boolean {
  const { budget } = context;
  budget.left--;
  if (budget.left === -1) {
    const where = origin.file ?? "the command line";
    const message = `Cannot read more filter rules from ${where}: the limit is ${budget.max}`;
    context.report({ code: "usage", message, stops: true });
  }
  return budget.left >= 0;
}

function reportOverlong(context: ReadContext, rule: string, length: number, max: number): void {
  const shown = rule.length > 200 ? "" : ` ${rule}`;
  const message = `Discarding over-long filter rule${shown}: ${length} bytes, the limit is ${max - 1}`;
  context.report({ code: "usage", message, stops: false });
}

function reportUnreadable(
  context: ReadContext,
  file: RuleFile,
  label: string,
  reason: string | undefined,
): void {
  if (!file.required && reason === undefined) return;
  // Whether a file that a file named exists is nobody's business.
  const fromFile = file.namedAt.file !== undefined || (file.syntax.template & ruleFromFile) !== 0;
  const why = fromFile ? "" : `: ${reason ?? "No such file or directory"}`;
  const kind = (file.syntax.template & ruleInclude) !== 0 ? "include" : "exclude";
  const message = `Cannot open ${kind} file ${label}${why}`;
  const code = file.required ? "io-start" : "partial";
  context.report({ code, message, stops: file.required });
}
