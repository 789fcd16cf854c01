// The rules as they stand in one directory: what the scan asks about every name in it, and what it
// enters subdirectories with.

import { assert, type ByteString, joinPath, toBytes } from "../../base/index.ts";
import { compileMatcher, type Matcher } from "./matcher.ts";
import { enterDirectory, type MergeChain, startChain } from "./merge-chain.ts";
import { directoryPrefix } from "./merge-path.ts";
import type { FilterProblem } from "./problem.ts";
import { compileProgram, type PathBuffer, type Program, runProgram } from "./program.ts";
import type { FileContent } from "./read-rules.ts";
import { type FilterRule, type FilterSide, ruleAbsolute } from "./rule.ts";
import { describeDecision, type OrderedRule, rulesInOrder } from "./rule-order.ts";
import type { FilterRuleSet } from "./rule-set.ts";

/** Source: the name is not part of the transfer, and a directory is not entered. */
export const verdictHide = 0x1;
/** Target: the name is not deleted where its directory stays. */
export const verdictProtect = 0x2;
/**
 * Target: the name is not deleted even where its directory is being deleted (which then stays,
 * too). Perishable rules do not count here, so that this is not a part of verdictProtect.
 */
export const verdictProtectLasting = 0x4;
/** Source: an include rule decided. */
export const verdictShow = 0x8;
/** Target: an include rule decided (perishable or not). */
export const verdictRisk = 0x10;

/** Where a transfer tree lies. */
export interface FilterRoot {
  /** Absolute path of the transfer root: rules can be about absolute paths and lie above it. */
  readonly path: ByteString;
  /**
   * Reads a file by absolute path: merge files above the transfer root, and files that a merge
   * file includes with `.`. It may refuse with a reason; it should, above mergeFileBytesMax.
   */
  readonly readFile: (path: ByteString) => FileContent;
}

/** A level as it travels between threads. Plain data. */
export interface FrozenLevel {
  readonly directory: ByteString;
  readonly chain: MergeChain;
}

/** What all levels of one side and root share. */
interface Shared {
  readonly set: FilterRuleSet;
  readonly side: FilterSide;
  readonly root: FilterRoot;
  readonly rootPrefix: ByteString;
  /** Matchers by rule: rules are shared by all directories that inherit them. */
  readonly matchers: WeakMap<FilterRule, Matcher>;
  /** What `begin` compiled: the program of every directory that brings no rules. */
  base: Program | undefined;
}

/**
 * The rules in effect in one directory of one side.
 *
 * Immutable, apart from a path buffer of its own: use it from one thread. Where no rule looks at
 * paths and no directory brings rules, one level serves the whole tree.
 */
export class FilterLevel {
  /** Path of the directory within the transfer, "" for the root; any of them where one level serves all. */
  readonly directory: ByteString;
  /** Trouble with the merge files of this directory (and, on entering the first one, above it). */
  readonly problems: readonly FilterProblem[];
  readonly #shared: Shared;
  readonly #chain: MergeChain;
  readonly #program: Program;
  readonly #path: PathBuffer | undefined;
  #xattrProgram: Program | undefined;

  /** Use begin, enter and thaw. */
  private constructor(
    shared: Shared,
    directory: ByteString,
    chain: MergeChain,
    more: { program?: Program; problems?: readonly FilterProblem[] } = {},
  ) {
    this.#shared = shared;
    this.directory = directory;
    this.#chain = chain;
    this.problems = more.problems ?? [];
    this.#program = more.program ?? fileProgram(shared, chain);
    this.#path = this.#program.needsPath ? pathBuffer(shared.rootPrefix, directory) : undefined;
  }

  /**
   * Returns the level above the transfer, with the rules of the command line only: the arguments
   * themselves are judged by it, and directories of the transfer root are entered from it.
   */
  static begin(set: FilterRuleSet, side: FilterSide, root: FilterRoot): FilterLevel {
    return new FilterLevel(share(set, side, root), "", startChain(set.rules));
  }

  /**
   * Returns the level that was frozen in another thread. Ask a level of the same rule set, side and
   * root, best the one from `begin`: what it compiled is used again.
   */
  thaw(frozen: FrozenLevel): FilterLevel {
    return new FilterLevel(this.#shared, frozen.directory, frozen.chain);
  }

  /** Returns plain data from which `thaw` makes this level again. Problems do not travel. */
  freeze(): FrozenLevel {
    return { directory: this.directory, chain: this.#chain };
  }

  /** The names of the files that `enter` will ask for (files can name more); none: it asks nothing. */
  get mergeFileNames(): readonly ByteString[] {
    return this.#chain.entries.map((entry) => entry.name.slice(entry.name.lastIndexOf("/") + 1));
  }

  /** No name in this directory can be affected: do not ask. */
  get isEmpty(): boolean {
    return this.#program.words === 0;
  }

  /**
   * Returns the level of a directory below this one (its path within the transfer; "" enters the
   * root itself), reading its merge files. Directories between the two bring no rules unless they
   * are entered, too. What cannot be read or understood is in `problems`: nothing should then be
   * deleted in this directory, and with `stops` rsync would not have gone on at all.
   */
  enter(directory: ByteString, readMergeFile: (name: ByteString) => FileContent): FilterLevel {
    const shared = this.#shared;
    let chain = this.#chain;
    const problems: FilterProblem[] = [];
    if (chain.entries.length > 0) {
      chain = enterDirectory(chain, {
        side: shared.side,
        from0: shared.set.from0,
        cvs: shared.set.cvs,
        rootPath: shared.rootPrefix,
        directory: shared.rootPrefix + directory,
        readFile: shared.root.readFile,
        readMergeFile,
        report: (problem) => problems.push(problem),
      });
    }
    const same = chain === this.#chain;
    const quiet = problems.length === 0 && this.problems.length === 0;
    if (same && quiet && !this.#program.needsPath) return this;
    return new FilterLevel(shared, directory, chain, {
      problems,
      ...(same ? { program: this.#program } : {}),
    });
  }

  /**
   * Returns the verdict bits for the name at `start`..`end` (exclusive) of `names`; 0 when no rule
   * applies. Does not allocate. For a name whose type cannot be read rsync asks twice, as a
   * directory and as a file, and takes it for excluded if it is so once.
   *
   * With --prune-empty-dirs an empty directory of the transfer is kept, and so are those above it,
   * if the target protects its name, by the command line's rules only: as asked of the target's
   * `begin` level after entering the parent with a reader that finds nothing.
   */
  verdict(names: Uint8Array, start: number, end: number, isDirectory: boolean): number {
    const program = this.#program;
    const path = this.#path;
    let index = runProgram(program, path, names, start, end, isDirectory, 0);
    if (index < 0) return 0;
    let matcher = program.matchers[index] as Matcher;
    if (this.#shared.side === "source") return matcher.include ? verdictShow : verdictHide;
    const bits = matcher.include ? verdictRisk : verdictProtect;
    while (matcher.perishable) {
      index = runProgram(program, path, names, start, end, isDirectory, index + 1);
      if (index < 0) return bits;
      matcher = program.matchers[index] as Matcher;
    }
    return matcher.include ? bits : bits | verdictProtectLasting;
  }

  /**
   * Returns what rsync says of the rule that decides about a name of this directory of the transfer; undefined = none
   * does. `lasting`: in a directory that is itself deleted.
   */
  describe(
    path: ByteString,
    name: ByteString,
    isDirectory: boolean,
    lasting = false,
  ): ByteString | undefined {
    const { matchers } = this.#program;
    const bytes = toBytes(name);
    let index = -1;
    do {
      const from = index + 1;
      index = runProgram(this.#program, this.#path, bytes, 0, bytes.length, isDirectory, from);
    } while (lasting && index >= 0 && matchers[index]?.perishable === true);
    if (index < 0) return undefined;
    const { set, side } = this.#shared;
    const ordered = rulesInOrder(set, side, this.#chain, false)[index] as OrderedRule;
    return describeDecision(ordered, side, joinPath(path, name), isDirectory);
  }

  /** Says whether the name of an extended attribute is left alone by this side. */
  excludesXattr(name: ByteString): boolean {
    this.#xattrProgram ??= compile(this.#shared, this.#chain, true);
    if (this.#xattrProgram.words === 0) return false;
    const bytes = toBytes(name);
    const path = pathBuffer("/", parentOf(name));
    const start = name.lastIndexOf("/") + 1;
    const index = runProgram(this.#xattrProgram, path, bytes, start, bytes.length, false, 0);
    return index >= 0 && !(this.#xattrProgram.matchers[index] as Matcher).include;
  }

  /**
   * Some rule so far is about extended attributes, for either side: then excludesXattr decides
   * alone, else the default choice of attributes holds.
   */
  get hasXattrRules(): boolean {
    return this.#shared.set.hasXattrRules || this.#chain.sawXattrRule;
  }
}

function share(set: FilterRuleSet, side: FilterSide, root: FilterRoot): Shared {
  assert(root.path.startsWith("/"), "The path of a filter's root is absolute.");
  return {
    set,
    side,
    root,
    rootPrefix: directoryPrefix(root.path),
    matchers: new WeakMap(),
    base: undefined,
  };
}

function pathBuffer(rootPrefix: ByteString, directory: ByteString): PathBuffer {
  const path = toBytes(rootPrefix + (directory === "" ? "" : joinPath(directory, "")));
  const bytes = new Uint8Array(path.length + 256);
  bytes.set(path);
  return { bytes, length: path.length, transferStart: rootPrefix.length, end: -1 };
}

function parentOf(name: ByteString): ByteString {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function fileProgram(shared: Shared, chain: MergeChain): Program {
  if (chain.entries.some((entry) => entry.rules.length > 0)) return compile(shared, chain, false);
  shared.base ??= compile(shared, chain, false);
  return shared.base;
}

function compile(shared: Shared, chain: MergeChain, xattrs: boolean): Program {
  const inOrder = rulesInOrder(shared.set, shared.side, chain, xattrs);
  return compileProgram(inOrder.map(({ rule }) => matcherOf(shared, rule, xattrs)));
}

function matcherOf(shared: Shared, rule: FilterRule, xattr: boolean): Matcher {
  const known = shared.matchers.get(rule);
  if (known !== undefined) return known;
  // Names of attributes have no directory that a pattern could be anchored at.
  const { pattern, flags } = rule;
  const matcher = compileMatcher(xattr ? { pattern, flags: flags & ~ruleAbsolute } : rule);
  shared.matchers.set(rule, matcher);
  return matcher;
}
