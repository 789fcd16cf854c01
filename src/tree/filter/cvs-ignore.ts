// The rules of -C: names that CVS ignores. A "-C" rule is replaced by these rules on the spot.

import type { ByteString } from "../../base/index.ts";
import { parseRule, splitDirectoryMark } from "./parse-rule.ts";
import {
  type FilterRule,
  ruleBare,
  ruleClear,
  ruleCvs,
  ruleFromFile,
  ruleInherited,
  rulePerishable,
  ruleSides,
  ruleWords,
} from "./rule.ts";
import { ruleTexts, splitWords } from "./rule-text.ts";

/** What the user's surroundings add to CVS's own list. */
export interface CvsSources {
  /** Content of ~/.cvsignore. */
  readonly homeFile?: Uint8Array;
  /** Value of $CVSIGNORE. */
  readonly environment?: ByteString;
}

/** The list of rsync(1), --cvs-exclude; these alone are perishable. */
const defaultNames =
  "RCS SCCS CVS CVS.adm RCSLOG cvslog.* tags TAGS .make.state .nse_depinfo *~ #* .#* ,* _$* *$ " +
  "*.old *.bak *.BAK *.orig *.rej .del-* *.a *.olb *.o *.obj *.so *.exe *.Z *.elc *.ln core " +
  ".svn/ .git/ .hg/ .bzr/";

/**
 * Returns the rules that a "-C" rule with these flags stands for: the built-in names, then
 * ~/.cvsignore, then $CVSIGNORE; a word `!` forgets all words before it.
 */
export function cvsRules(flags: number, sources: CvsSources, from0: boolean): FilterRule[] {
  const template = (flags & (ruleInherited | ruleSides)) | ruleBare | ruleWords | ruleCvs;
  let rules: FilterRule[] = [];
  const add = (text: ByteString, more: number): void => {
    const parsed = parseRule(text, { template: template | more, oldPrefixes: false });
    if ("error" in parsed) return; // cannot be: a bare word is always a pattern
    if ((parsed.flags & ruleClear) !== 0) rules = [];
    else {
      const rule = splitDirectoryMark(parsed);
      rules.push({ ...rule, flags: rule.flags | ruleCvs });
    }
  };
  for (const word of splitWords(defaultNames)) add(word, rulePerishable);
  if (sources.homeFile !== undefined) {
    for (const { text } of ruleTexts(sources.homeFile, { words: true, from0 })) {
      add(text, ruleFromFile);
    }
  }
  for (const word of splitWords(sources.environment ?? "")) add(word, 0);
  return rules;
}
