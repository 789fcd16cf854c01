// The rules of one run as the command line gives them: parsed, merge files read, nothing matched
// yet. A rule set is plain data: post it to every thread, or write it into a changeset's header.

import { type ByteString, baseName, ManifoldError } from "../../base/index.ts";
import type { CvsSources } from "./cvs-ignore.ts";
import { commandLine, type FilterProblem } from "./problem.ts";
import {
  type FileContent,
  type ReadContext,
  type RuleSink,
  readRule,
  readRuleFile,
} from "./read-rules.ts";
import {
  type FilterRule,
  operatorRuleCountMax,
  ruleAbsolute,
  ruleDirectory,
  ruleDirectoryMerge,
  ruleInclude,
  ruleNegate,
  ruleXattr,
} from "./rule.ts";

/**
 * One rule or rule file of the command line. "filter" is a whole rule of the filter language,
 * merges included; "exclude" and "include" are patterns with an optional `- ` or `+ `, or `!`;
 * the -from kinds name a file of such patterns ("-" is stdin, for the caller to read).
 */
export interface FilterSource {
  readonly kind: "filter" | "exclude" | "include" | "exclude-from" | "include-from";
  readonly value: ByteString;
}

/** What parsing depends on besides the sources. */
export interface FilterContext {
  /** --from0: rule files, merge files in the tree too, are NUL-separated. */
  readonly from0?: boolean;
  /** --delete-excluded: rules without a side are for the source only. */
  readonly deleteExcluded?: boolean;
  /** For the rule `-C`. */
  readonly cvs?: CvsSources;
  /** Reads a rule file: a path as written, relative to the working directory, or "-". */
  readonly readFile: (path: ByteString) => FileContent;
  /** A file that a rule merges and that is not there brings no rules, instead of an error: as with rsync's daemon, for its clients. */
  readonly skipsMissing?: boolean;
}

/** The rules of one run. Plain data. */
export interface FilterRuleSet {
  /** In order; `.` merges and `-C` are already replaced by what they stand for. */
  readonly rules: readonly FilterRule[];
  readonly from0: boolean;
  readonly deleteExcluded: boolean;
  readonly cvs: CvsSources;
  /** No name can be affected: do not ask. */
  readonly isEmpty: boolean;
  /** Directories can bring rules of their own. */
  readonly hasDirectoryMerge: boolean;
  /** Names of the files that are looked for in every directory; those files can name more. */
  readonly mergeFileNames: readonly ByteString[];
  /** Some rule is about extended attributes, so that rsync's default choice of them is off. */
  readonly hasXattrRules: boolean;
  /** Rules that were discarded without stopping the run. */
  readonly problems: readonly FilterProblem[];
}

/** Says whether what the rules mean depends on where a tree lies, or on files in it: who is elsewhere cannot tell. */
export function dependsOnTree({ rules }: FilterRuleSet): boolean {
  const bits = ruleDirectoryMerge | ruleAbsolute;
  return rules.some(({ flags, anchor }) => (flags & bits) !== 0 || anchor !== undefined);
}

/** Returns rules in which an excluded directory stands for all that is in it, too, whoever names that: a daemon's. */
export function withContents(set: FilterRuleSet): FilterRuleSet {
  const rules = set.rules.map((rule) => {
    const asked = ruleDirectory | ruleInclude | ruleNegate | ruleDirectoryMerge;
    if ((rule.flags & asked) !== ruleDirectory) return rule;
    return { ...rule, pattern: `${rule.pattern}/***`, flags: rule.flags & ~ruleDirectory };
  });
  return { ...set, rules };
}

/**
 * Parses the rules of the command line, in order, reading the rule files they name.
 *
 * Throws ManifoldError "usage" for a text that is no rule and "io-start" for a file that cannot
 * be read. Messages never quote a file. -C is the two rules ":C" and "-C" at the end of the
 * sources, -F is ": /.rsync-filter", a second -F adds "- .rsync-filter".
 */
export function parseFilterRules(
  sources: readonly FilterSource[],
  context: FilterContext,
): FilterRuleSet {
  const problems: FilterProblem[] = [];
  const from0 = context.from0 ?? false;
  const cvs = context.cvs ?? {};
  const list = new RuleList();
  const reading: ReadContext = {
    from0,
    cvs,
    directory: "",
    base: "",
    anchor: undefined,
    aboveTransfer: false,
    side: undefined,
    readFile: context.readFile,
    skipsMissing: context.skipsMissing ?? false,
    report: (problem) => {
      if (problem.stops) throw new ManifoldError(problem.code, problem.message);
      problems.push(problem);
    },
    budget: { left: operatorRuleCountMax, max: operatorRuleCountMax },
  };
  for (const source of sources) readSource(list, reading, source);
  const { rules } = list;
  const merges = rules.filter((rule) => (rule.flags & ruleDirectoryMerge) !== 0);
  return {
    rules,
    from0,
    cvs,
    deleteExcluded: context.deleteExcluded ?? false,
    isEmpty: rules.length === 0,
    hasDirectoryMerge: merges.length > 0,
    mergeFileNames: merges.map((rule) => baseName(rule.pattern)),
    hasXattrRules: list.sawXattrRule,
    problems,
  };
}

function readSource(list: RuleList, context: ReadContext, source: FilterSource): void {
  const { kind, value } = source;
  const isFile = kind === "include-from" || kind === "exclude-from";
  const template = kind === "include" || kind === "include-from" ? ruleInclude : 0;
  const syntax = { template, oldPrefixes: kind !== "filter" };
  if (isFile) {
    const file = { path: value, syntax, namedAt: commandLine, required: true };
    readRuleFile(list, context, file, () => context.readFile(value));
  } else if (value !== "") readRule(list, context, value, syntax, commandLine);
}

/** The list of the command line. */
class RuleList implements RuleSink {
  rules: FilterRule[] = [];
  sawXattrRule = false;
  #merges = 0;

  append(rule: FilterRule): void {
    if ((rule.flags & ruleXattr) !== 0) this.sawXattrRule = true;
    if ((rule.flags & ruleDirectoryMerge) === 0) this.rules.push(rule);
    // A file that is already looked for is not looked for twice, whatever the modifiers.
    else if (!this.rules.some((known) => sameMergeFile(known, rule))) {
      this.rules.push({ ...rule, merge: this.#merges++ });
    }
  }

  clear(): void {
    this.rules = [];
  }
}

function sameMergeFile(left: FilterRule, right: FilterRule): boolean {
  return (
    (left.flags & right.flags & ruleDirectoryMerge) !== 0 &&
    baseName(left.pattern) === baseName(right.pattern)
  );
}
