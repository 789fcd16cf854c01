// What a parsed filter rule is: plain data, so that a rule set can be posted to another thread,
// and the limits that hold for rules whoever wrote them.

import type { ByteString } from "../../base/index.ts";

/** A match shows or puts at risk; without it, a match hides or protects. */
export const ruleInclude = 0x1;
/** The pattern ended with a slash: only directories match. */
export const ruleDirectory = 0x2;
/** Modifier `!`: the rule applies where the pattern does not match. */
export const ruleNegate = 0x4;
/** Modifier `/`: the pattern is matched against the absolute path. */
export const ruleAbsolute = 0x8;
/** Modifier `p`: ignored in directories that are being deleted. */
export const rulePerishable = 0x10;
/** Modifier `x`: matches names of extended attributes instead of files. */
export const ruleXattr = 0x20;
/** The rule was limited to the source side. */
export const ruleSource = 0x40;
/** The rule was limited to the target side. */
export const ruleTarget = 0x80;
/** `.` or `:`: the pattern names a file of more rules. */
export const ruleMerge = 0x100;
/** `:`: the file is looked for in every directory. */
export const ruleDirectoryMerge = 0x200;
/** Modifiers `-` and `+` of a merge: lines are bare patterns. */
export const ruleBare = 0x400;
/** Modifier `w` of a merge: rules end at white space. */
export const ruleWords = 0x800;
/** Modifier `n` of a merge: subdirectories do not inherit. */
export const ruleNoInherit = 0x1000;
/** Modifier `C`: CVS conventions; without ruleMerge, the built-in list of CVS, and what is in it. */
export const ruleCvs = 0x2000;
/** Modifier `e` of a merge: the file itself is excluded. */
export const ruleExcludeSelf = 0x4000;
/** The list-clearing rule. */
export const ruleClear = 0x8000;
/** The text came out of a file, so that no message may show it. */
export const ruleFromFile = 0x10000;

/** Both sides; a rule with neither bit applies to both. */
export const ruleSides = ruleSource | ruleTarget;
/** What the rules inside a merge file take over from the merge rule. */
export const ruleInherited =
  ruleInclude | ruleDirectory | ruleNegate | ruleAbsolute | rulePerishable;

/** The two ends of a copy: names to send, or names that deletion may meet. */
export type FilterSide = "source" | "target";

/** One rule of a list. Plain data. */
export interface FilterRule {
  /** The pattern or merge file name, without the slash that meant ruleDirectory. */
  readonly pattern: ByteString;
  /** Bits of the constants above; of the merge kinds only directory merges stay in a list. */
  readonly flags: number;
  /**
   * The directory that a leading slash of the pattern stands for: absolute, with a slash at the
   * end. Absent: the transfer root.
   */
  readonly anchor?: ByteString;
  /** Number of the directory merge within its chain of levels, for directory merges. */
  readonly merge?: number;
}

/** Nesting of merge files; rsync's number (MAX_MERGE_DEPTH). */
export const mergeDepthMax = 32;
/** Patterns of this many bytes or more are discarded; rsync's number (MAXPATHLEN on Linux). */
export const patternLengthMax = 4096;
/** Lines of rule files of this many bytes or more are discarded; rsync's number. */
export const ruleLengthMax = 5119;
/** Rules that the operator may give; far above the longest lists seen, so that memory is bounded. */
export const operatorRuleCountMax = 1_000_000;
/** Rules that merge files of the tree may bring to one directory, inherited ones included. */
export const treeRuleCountMax = 10_000;
/** Directory merges that may be active in one directory; each costs a look-up per directory. */
export const directoryMergeCountMax = 1000;
/** Suggested limit for one merge file met in a tree: a reader should refuse a larger one. */
export const mergeFileBytesMax = 8 << 20;
