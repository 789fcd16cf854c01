// The filter rules of a module: what its clients can neither see nor make.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { readSmallFile } from "../../fs/index.ts";
import {
  type FilterRuleSet,
  type FilterSource,
  parseFilterRules,
  withContents,
} from "../../tree/index.ts";
import { named } from "../keys/line-file.ts";
import type { Module, ModuleFilter } from "./module.ts";

const bytesMax = 1 << 20;

/** A word that begins a rule whose pattern is the next word. */
const ruleWord =
  /^(?:[-+HSPR](?:,?[/!CsrpxH]*)?|exclude|include|hide|show|protect|risk)(?:,[/!Csrpx]*)?$/;

/** Returns the rules; undefined = nothing is hidden. Throws ManifoldError for rules that make no sense. */
export function moduleRules({ name, filters, hidesByName }: Module): FilterRuleSet | undefined {
  if (filters.length === 0) return undefined;
  const rules = parseFilterRules(filters.flatMap(sourcesOf), {
    readFile: (path) => named(path, () => readSmallFile(path, bytesMax)?.bytes),
  });
  const [problem] = rules.problems;
  if (problem !== undefined || rules.hasDirectoryMerge) {
    const says = problem?.message ?? "directories of a module bring no rules of their own";
    throw new ManifoldError("usage", `[${toText(name)}]: ${says}`);
  }
  return hidesByName ? withContents(rules) : rules;
}

function sourcesOf({ kind, text }: ModuleFilter): FilterSource[] {
  if (kind === "include-from" || kind === "exclude-from") return [{ kind, value: text }];
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (kind !== "filter") return words.map((value) => ({ kind, value }));
  return joinedRules(words).map((value) => ({ kind, value }));
}

/** "- /a + /b" has two rules. */
function joinedRules(words: readonly ByteString[]): ByteString[] {
  const rules: ByteString[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as ByteString;
    const next = words[i + 1];
    if (!ruleWord.test(word) || next === undefined) rules.push(word);
    else {
      rules.push(`${word} ${next}`);
      i++;
    }
  }
  return rules;
}
