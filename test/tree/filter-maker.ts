// Random filter rules and small random trees with merge files in them, from names and patterns
// that meet often. One seed, one tree and one rule list, for ever.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FilterSource } from "../../src/tree/filter/index.ts";
import { Choice } from "../support/index.ts";

const files = [
  ...["a", "b", "ab", "a.o", "b~", "core", "x[y", "b*r", "c\\d", "a b", "-q", "#h", ".cvsignore"],
];
const directories = ["d", "e", "dd", "CVS", "d.o", "foo"];
const mergeFiles = [".f", ".g", ".h"];
const pieces = [
  ...["a", "b", "d", "e", "dd", "foo", ".o", "o", "~", "*", "*", "?", "/", "/", "**", "[ab]"],
  ...["[!a]", "[[:alpha:]]", "[a-e]", "\\", "\\*", "\\[", "***", "src", ".f", "CVS", "x", "["],
];
const patterns = [
  ...["*", "*/", "*.o", "a", "d/", "/d", "/d/e", "d/e", "**/a", "d/**", "d/***", "/**/a", "foo*"],
  ...["/src/d", "/src", "x[y", "x\\[y", "b*r", "b\\*r", "c\\d", "c\\\\d*", "[a-d]", "/a", "e/a"],
  ...["***", "/*", "/*/*", "-q", "a b", "**/d/*", "**", "*/a"],
];

/** Makes rules that mean something most of the time. */
export class FilterMaker {
  readonly choice: Choice;
  /**
   * Merge files include other files with `.`. Not where --delete-excluded is used: rsync then lets
   * the included rules protect, against its manual.
   */
  readonly includes: boolean;

  constructor(seed: number) {
    this.choice = new Choice(seed);
    this.includes = seed % 2 === 0;
  }

  /** Returns up to `max` made things. */
  many<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.choice.below(max + 1) }, make);
  }

  /** Returns a pattern. */
  pattern(): string {
    if (this.choice.percent(60)) return this.choice.of(patterns);
    const text = this.many(4, () => this.choice.of(pieces)).join("");
    return text === "" ? "a" : text;
  }

  /** Returns a rule text; with `inMergeFile`, files that it names are meant from a directory. */
  rule(inMergeFile: boolean): string {
    const { choice } = this;
    if (choice.percent(4)) return "!";
    if (choice.percent(2)) return "-C";
    const separator = choice.of([" ", " ", "_"]);
    if (choice.percent(15)) return this.#merge(inMergeFile, separator);
    const kind = choice.of([
      "-",
      "-",
      "-",
      "+",
      "+",
      "H",
      "S",
      "P",
      "R",
      "hide",
      "exclude",
      "risk",
    ]);
    const modifiers = choice.percent(35)
      ? choice.of(["!", "/", "p", "s", "r", "!p", "/!", "rp", "sr", "x"])
      : "";
    const comma = kind.length > 1 ? "," : choice.of(["", ","]);
    const prefix = kind + (modifiers === "" ? "" : comma) + modifiers;
    return prefix + separator + this.pattern();
  }

  #merge(inMergeFile: boolean, separator: string): string {
    const { choice } = this;
    const side = choice.percent(10) ? choice.of(["s", "r"]) : "";
    const more = choice.of(["", "", "", "n", "e", "-", "n-", "+", "w-", "p", "/", "en", "-w"]);
    const modifiers = side + more;
    if (choice.percent(15)) {
      return choice.of([":C", ":sC", ":C .g", `:${modifiers}${separator}/.f`]);
    }
    if (choice.percent(80) || (inMergeFile && !this.includes)) {
      const kind = choice.of([":", "dir-merge,"]);
      return kind + modifiers + separator + choice.of(mergeFiles);
    }
    const file = choice.of(inMergeFile ? ["./inc", "inc", "../inc"] : ["rules", "./rules"]);
    return `.${inMergeFile ? modifiers.replace(/[srpe]/g, "") : modifiers}${separator}${file}`;
  }

  /**
   * Returns the content of a rule file. `included`: without rules for one side, which ours keep
   * to their side even where a merge file includes the file with `.`, and without merges.
   */
  ruleFile(included = false): string {
    const rule = (): string => {
      const text = this.rule(true);
      const sided = /^([HSPR.:]|hide|risk|dir-|-C|[-+a-z,]*[!/px]*[sr])/.test(text);
      return included && sided ? "- b" : text;
    };
    const end = this.choice.of(["\n", "\n", "\r\n", "\n\n"]);
    const comment = this.choice.percent(20) ? `# - a${end}; x${end}` : "";
    return comment + this.many(4, () => rule() + end).join("");
  }

  /** Fills a directory with files, merge files and directories down to `depth`. */
  fill(path: string, depth: number): void {
    const { choice } = this;
    mkdirSync(path, { recursive: true });
    for (const name of files) {
      if (choice.percent(40)) writeFileSync(join(path, name), choice.of(["", "a\n", "*.o b\n"]));
    }
    for (const name of mergeFiles) {
      if (choice.percent(30)) writeFileSync(join(path, name), this.ruleFile());
    }
    if (choice.percent(50)) writeFileSync(join(path, "inc"), this.ruleFile(true));
    if (depth === 0) return;
    for (const name of directories) {
      if (choice.percent(45)) this.fill(join(path, name), depth - 1);
    }
  }

  /** Returns one argument of the command line; its files are "rules" and "patterns". */
  source(): FilterSource {
    const { choice } = this;
    if (choice.percent(60)) return { kind: "filter", value: this.rule(false) };
    const kind = choice.of(["exclude", "include", "exclude-from", "include-from"] as const);
    if (kind.endsWith("-from")) return { kind, value: "patterns" };
    return { kind, value: choice.of(["", "", "- ", "+ "]) + this.pattern() };
  }
}
