// The rules that count in one directory, in the order in which they are tried, and the words in which
// people are told which of them decided about a name (--debug=filter).

import type { ByteString } from "../../base/index.ts";
import type { MergeChain } from "./merge-chain.ts";
import {
  type FilterRule,
  type FilterSide,
  ruleCvs,
  ruleDirectory,
  ruleDirectoryMerge,
  ruleFromFile,
  ruleInclude,
  ruleSides,
  ruleSource,
  ruleTarget,
  ruleXattr,
} from "./rule.ts";
import type { FilterRuleSet } from "./rule-set.ts";

/** A rule, and the name of the merge file that directories have it from. */
export interface OrderedRule {
  readonly rule: FilterRule;
  readonly mergeFile: ByteString | undefined;
}

/** Returns the rules of one side about files, or about extended attributes; directory merges are what they stand for. */
export function rulesInOrder(
  set: FilterRuleSet,
  side: FilterSide,
  chain: MergeChain,
  xattrs: boolean,
): OrderedRule[] {
  const lists = new Map(chain.entries.map((entry) => [entry.id, entry]));
  const sideFlag = side === "source" ? ruleSource : ruleTarget;
  const sourceOnly = set.deleteExcluded && side === "target";
  const inOrder: OrderedRule[] = [];
  const collect = (rules: readonly FilterRule[], mergeFile: ByteString | undefined): void => {
    for (const rule of rules) {
      const { flags } = rule;
      if ((flags & ruleDirectoryMerge) !== 0) {
        const entry = lists.get(rule.merge as number);
        collect(entry?.rules ?? [], entry?.name);
        continue;
      }
      const sides = flags & ruleSides;
      if (sides === 0 ? sourceOnly : (sides & sideFlag) === 0) continue;
      if (((flags & ruleXattr) !== 0) === xattrs) inOrder.push({ rule, mergeFile });
    }
  };
  collect(set.rules, undefined);
  return inOrder;
}

const verbs = {
  source: { include: "showing", exclude: "hiding" },
  target: { include: "risking", exclude: "protecting" },
} as const;

/** Returns what rsync says of a name that the rule decides about; patterns out of files stay there. */
export function describeDecision(
  { rule, mergeFile }: OrderedRule,
  side: FilterSide,
  path: ByteString,
  isDirectory: boolean,
): ByteString {
  const { flags } = rule;
  const who = side === "source" ? "sender" : "generator";
  const verb = verbs[side][(flags & ruleInclude) !== 0 ? "include" : "exclude"];
  const text = `${rule.pattern}${(flags & ruleDirectory) !== 0 ? "/" : ""}`;
  const pattern = (flags & ruleFromFile) !== 0 ? "<rule from a file read earlier>" : text;
  const isGlobal = mergeFile === undefined && (flags & ruleCvs) !== 0;
  const where = isGlobal
    ? " [global CVS]"
    : mergeFile === undefined
      ? ""
      : ` [per-dir ${mergeFile}]`;
  const type = isDirectory ? "directory" : "file";
  return `[${who}] ${verb} ${type} ${path} because of pattern ${pattern}${where}`;
}
