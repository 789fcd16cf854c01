// The directory merges that are active in one directory, and the step from a directory to one
// below it: its merge files are read, their rules go before the inherited ones. Nothing is changed
// in place: the chain of the upper directory stays as it is for the other directories below it.

import { type ByteString, baseName } from "../../base/index.ts";
import type { CvsSources } from "./cvs-ignore.ts";
import { directoryPrefix, mergePath } from "./merge-path.ts";
import { commandLine, type FilterProblem } from "./problem.ts";
import { type FileContent, type ReadContext, type RuleSink, readRuleFile } from "./read-rules.ts";
import {
  directoryMergeCountMax,
  type FilterRule,
  type FilterSide,
  ruleDirectoryMerge,
  ruleNoInherit,
  ruleXattr,
  treeRuleCountMax,
} from "./rule.ts";

/** A directory merge as it stands in one directory. Plain data. */
export interface MergeEntry {
  /** FilterRule.merge of the rule it belongs to. */
  readonly id: number;
  /** Flags of that rule: the template of its file's rules. */
  readonly flags: number;
  /** Name of the file, or a path that is still to be searched from (see `searched`). */
  readonly name: ByteString;
  /** False until the directories above the transfer have been read, where the name says so. */
  readonly searched: boolean;
  /** In effect: this directory's own rules first, then inherited ones. */
  readonly rules: readonly FilterRule[];
}

/** The merges active in one directory, in the order in which their files are read. Plain data. */
export interface MergeChain {
  readonly entries: readonly MergeEntry[];
  /** Above every id in use. */
  readonly nextId: number;
  readonly sawXattrRule: boolean;
}

/** Returns the chain above the transfer: merges that no file has been read for. */
export function startChain(rules: readonly FilterRule[]): MergeChain {
  const merges = rules.filter((rule) => (rule.flags & ruleDirectoryMerge) !== 0);
  const entries = merges.map((rule) => newEntry(rule, rule.merge as number));
  const nextId = entries.reduce((next, entry) => Math.max(next, entry.id + 1), 0);
  return { entries, nextId, sawXattrRule: false };
}

/** What entering a directory needs. */
export interface EnterContext {
  readonly side: FilterSide;
  readonly from0: boolean;
  readonly cvs: CvsSources;
  /** Absolute path of the transfer root. */
  readonly rootPath: ByteString;
  /** Absolute path of the directory. */
  readonly directory: ByteString;
  /** Reads a file by its absolute path. */
  readonly readFile: (path: ByteString) => FileContent;
  /** Reads a file of the directory by its name. */
  readonly readMergeFile: (name: ByteString) => FileContent;
  readonly report: (problem: FilterProblem) => void;
}

/** Returns the chain of a directory, given that of the directory above it. */
export function enterDirectory(upper: MergeChain, context: EnterContext): MergeChain {
  const step = new Step(upper, context);
  // Files that this directory's files name are read in this directory, too: the list grows.
  for (let i = 0; i < step.entries.length; i++) step.readEntry(step.entries[i] as OpenEntry);
  return step.close();
}

function newEntry(rule: FilterRule, id: number): MergeEntry {
  return { id, flags: rule.flags, name: rule.pattern, searched: false, rules: [] };
}

interface OpenEntry {
  readonly was: MergeEntry;
  name: ByteString;
  searched: boolean;
  own: FilterRule[];
  inherited: readonly FilterRule[];
}

class Step {
  entries: OpenEntry[];
  readonly #upper: MergeChain;
  readonly #context: EnterContext;
  readonly #reading: ReadContext;
  #nextId: number;
  #sawXattrRule: boolean;

  constructor(upper: MergeChain, context: EnterContext) {
    this.#upper = upper;
    this.#context = context;
    this.#nextId = upper.nextId;
    this.#sawXattrRule = upper.sawXattrRule;
    this.entries = upper.entries.map(openEntry);
    const inherited = this.entries.reduce((sum, entry) => sum + entry.inherited.length, 0);
    const directory = directoryPrefix(context.directory);
    this.#reading = {
      ...context,
      directory,
      anchor: directory,
      base: directoryPrefix(context.rootPath),
      aboveTransfer: false,
      budget: { left: Math.max(0, treeRuleCountMax - inherited), max: treeRuleCountMax },
    };
  }

  readEntry(entry: OpenEntry): void {
    if (!entry.searched) {
      entry.searched = true;
      this.#searchAbove(entry);
    }
    this.#readFile(entry, this.#reading, () => this.#context.readMergeFile(entry.name));
  }

  /** Reads the merge file of every directory from the one its name says down to this one. */
  #searchAbove(entry: OpenEntry): void {
    if (!entry.name.includes("/")) return;
    const { directory } = this.#reading;
    const path = mergePath(entry.name, this.#reading);
    entry.name = baseName(path);
    const top = directoryPrefix(path.slice(0, path.length - entry.name.length));
    if (!directory.startsWith(top)) return;
    for (let at = top.length; at < directory.length; at = directory.indexOf("/", at) + 1) {
      const above = directory.slice(0, at);
      const reading = {
        ...this.#reading,
        directory: above,
        anchor: above,
        base: above,
        aboveTransfer: true,
      };
      this.#readFile(entry, reading, () => this.#context.readFile(above + entry.name));
      if ((entry.was.flags & ruleNoInherit) !== 0) this.#sink(entry).clear();
      entry.inherited = [...entry.own, ...entry.inherited];
      entry.own = [];
    }
  }

  #readFile(entry: OpenEntry, reading: ReadContext, read: () => FileContent): void {
    // Such a name is a directory.
    if (entry.name === "" || entry.name === "." || entry.name === "..") return;
    const path = reading.directory + entry.name;
    const syntax = { template: entry.was.flags, oldPrefixes: false };
    const file = { path, syntax, namedAt: commandLine, required: false };
    readRuleFile(this.#sink(entry), reading, file, read);
  }

  #sink(entry: OpenEntry): RuleSink {
    return {
      append: (rule) => {
        if ((rule.flags & ruleXattr) !== 0) this.#sawXattrRule = true;
        if ((rule.flags & ruleDirectoryMerge) !== 0) this.#appendMerge(entry, rule);
        else entry.own.push(rule);
      },
      clear: () => {
        const gone = new Set(entry.own.map((rule) => rule.merge));
        gone.delete(undefined);
        if (gone.size > 0) this.entries = this.entries.filter(({ was }) => !gone.has(was.id));
        entry.own = [];
        entry.inherited = [];
      },
    };
  }

  #appendMerge(entry: OpenEntry, rule: FilterRule): void {
    const name = baseName(rule.pattern);
    // A file that is already looked for is not looked for twice; rsync goes by the last element.
    if (this.entries.some((known) => baseName(known.name) === name)) return;
    if (this.entries.length >= directoryMergeCountMax) {
      const message = `Cannot look for more merge files per directory: the limit is ${directoryMergeCountMax}`;
      this.#context.report({ code: "usage", message, stops: true });
      return;
    }
    const merge = this.#nextId++;
    entry.own.push({ ...rule, merge });
    this.entries.push(openEntry(newEntry(rule, merge)));
  }

  close(): MergeChain {
    const upper = this.#upper;
    const entries = this.entries.map(closeEntry);
    const same =
      entries.length === upper.entries.length &&
      entries.every((entry, i) => entry === upper.entries[i]) &&
      this.#sawXattrRule === upper.sawXattrRule;
    if (same) return upper;
    return { entries, nextId: this.#nextId, sawXattrRule: this.#sawXattrRule };
  }
}

const noRules: readonly FilterRule[] = [];

function openEntry(was: MergeEntry): OpenEntry {
  const inherited = (was.flags & ruleNoInherit) !== 0 ? noRules : was.rules;
  return { was, name: was.name, searched: was.searched, own: [], inherited };
}

function closeEntry(open: OpenEntry): MergeEntry {
  const { was, own, inherited, name, searched } = open;
  const rules = own.length === 0 ? inherited : [...own, ...inherited];
  const sameRules = rules === was.rules || (rules.length === 0 && was.rules.length === 0);
  if (sameRules && name === was.name && searched === was.searched) return was;
  return { id: was.id, flags: was.flags, name, searched, rules: sameRules ? was.rules : rules };
}
