// filter: rsync's filter language. Which names of the source are hidden from the transfer, which
// names of the target are protected from deletion, which extended attributes are left alone.
//
// In: rules from the command line (options) and the bytes of rule files, through callbacks; names
// as bytes where they lie in a listing. Out: verdict bits per name, problems as values.
//   1. parseFilterRules(): texts and files -> FilterRuleSet, plain data; once a run.
//   2. FilterLevel.begin(set, side, root): the rules above one transfer root; once a root and side.
//   3. level.enter(directory, read): the rules in a directory; its merge files (`:` rules, -F, -C)
//      are read and go before those of the directories above.
//   4. level.verdict(names, start, end, isDirectory): the first rule that applies decides.
//   5. level.freeze(), begun.thaw(frozen): for a task that continues on another thread.
//
// Paths are those of the transfer: with `rsync -a foo /dest` the root of the transfer holds `foo`,
// the root's path is where foo lies, and the level for foo's contents is begin().enter("foo").
// With `foo/` the root is foo itself: begin().enter(""). An excluded directory is not entered.
//
// Differences from rsync, all where it fails: a directory name with wildcard characters does not
// spoil the anchored rules of its own merge file; merge files above a transfer root count for every
// root, not for the first one only; rules for one side stay on it even when a merge file includes
// the file they stand in; trouble with a tree's merge file is a problem, not the end of the run.
//
// Not here: deciding what deletion does with a verdict, the default choice of extended
// attributes, reading files.

export type { CvsSources } from "./cvs-ignore.ts";
export { formatFilterRules } from "./format-rule.ts";
export {
  FilterLevel,
  type FilterRoot,
  type FrozenLevel,
  verdictHide,
  verdictProtect,
  verdictProtectLasting,
  verdictRisk,
  verdictShow,
} from "./level.ts";
export type { FilterProblem } from "./problem.ts";
export type { FileContent } from "./read-rules.ts";
export { type FilterRule, type FilterSide, mergeFileBytesMax } from "./rule.ts";
export {
  dependsOnTree,
  type FilterContext,
  type FilterRuleSet,
  type FilterSource,
  parseFilterRules,
  withContents,
} from "./rule-set.ts";
export { matchesPattern } from "./wildcard.ts";
