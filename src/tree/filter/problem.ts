// What can go wrong with rules, and how it is told: with the file and line, never with a word of
// the file. Whoever can make us merge a file could otherwise read it from our messages; the same
// holds for names of files that a file named. Text of the command line is the user's own: shown.

import { type ByteString, type ErrorCode, toText } from "../../base/index.ts";
import { ruleFromFile } from "./rule.ts";

/** Trouble with one rule or rule file. */
export interface FilterProblem {
  readonly code: ErrorCode;
  /** A whole sentence without a full stop. */
  readonly message: string;
  /**
   * rsync stops the run here: a rule that is none, a merge file named in a rule file that cannot
   * be read, endless merging. What is left of the rules must not decide about deletions.
   */
  readonly stops: boolean;
}

/** Where a rule text stands. */
export interface RuleOrigin {
  /** Name of the file fit to be shown, or a description; undefined = the command line. */
  readonly file: string | undefined;
  /** 0 = not counted. */
  readonly line: number;
}

/** The origin of rules given as arguments. */
export const commandLine: RuleOrigin = { file: undefined, line: 0 };

/** Names a rule for a message: its text if it is an argument, else only where it stands. */
export function describeRule(origin: RuleOrigin, text: ByteString): string {
  return origin.file === undefined ? `"${toText(text)}"` : `<rule from ${describeOrigin(origin)}>`;
}

/** Names the place of a rule: "FILE line N". */
export function describeOrigin(origin: RuleOrigin): string {
  const file = origin.file ?? "the command line";
  if (origin.line === 0) return file;
  return file.startsWith(namedAt) ? `${file}, line ${origin.line}` : `${file} line ${origin.line}`;
}

/**
 * Returns how a file that a rule names is called in messages: by its path if the rule is the
 * user's own, by the place of the rule if that is known, else not at all.
 */
export function fileLabel(origin: RuleOrigin, flags: number, path: ByteString): string {
  if (origin.file !== undefined) {
    // Where a file is named by an unnamed file, the last place known is still the most useful.
    if (origin.file.startsWith(namedAt)) return origin.file;
    return `${namedAt} ${describeOrigin(origin)}`;
  }
  return (flags & ruleFromFile) !== 0 ? "a file read earlier" : toText(path);
}

const namedAt = "a file named at";
