// Writes rules of a rule set as texts that parse to the same rules again: for a changeset's header,
// and for a peer that wants to hear them.

import type { ByteString } from "../../base/index.ts";
import {
  type FilterRule,
  ruleAbsolute,
  ruleBare,
  ruleCvs,
  ruleDirectory,
  ruleDirectoryMerge,
  ruleInclude,
  ruleNegate,
  ruleNoInherit,
  rulePerishable,
  ruleSource,
  ruleTarget,
  ruleWords,
  ruleXattr,
} from "./rule.ts";
import type { FilterRuleSet } from "./rule-set.ts";

/** Returns the rules as filter rule texts ("filter" sources), in order. */
export function formatFilterRules(set: FilterRuleSet): ByteString[] {
  return set.rules.map(formatRule);
}

function formatRule(rule: FilterRule): ByteString {
  const { flags, pattern } = rule;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  let text = has(ruleDirectoryMerge) ? ":" : has(ruleInclude) ? "+" : "-";
  if (has(ruleAbsolute)) text += "/";
  if (has(ruleNegate)) text += "!";
  // CVS's own names are rules like any other.
  if (has(ruleCvs) && has(ruleDirectoryMerge)) text += "C";
  else {
    if (has(ruleNoInherit)) text += "n";
    if (has(ruleWords)) text += "w";
    if (has(ruleBare)) text += has(ruleInclude) ? "+" : "-";
  }
  if (has(ruleXattr)) text += "x";
  if (has(ruleSource)) text += "s";
  if (has(ruleTarget)) text += "r";
  if (has(rulePerishable)) text += "p";
  return `${text} ${pattern}${has(ruleDirectory) ? "/" : ""}`;
}
