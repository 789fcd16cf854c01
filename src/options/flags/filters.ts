// Flags of the filter language. Their rules are collected in command line order and read by the
// tree room; here only the shorthands are expanded.
// This file is a table.
import type { ByteString } from "../../base/index.ts";
import { type Flag, type TextFlag, toggle } from "../flag.ts";
import type { FilterRule } from "../options.ts";
import type { Settings } from "../settings.ts";

const category = "filters";

/** Returns a function that appends a rule of the kind. */
function append(kind: FilterRule["kind"]): (settings: Settings, value: ByteString) => void {
  return (settings, value) => {
    settings.filterRules.push({ kind, value });
  };
}

/** Makes the row of an option whose value is a rule, a pattern or a rule file. */
function rule(
  kind: FilterRule["kind"],
  row: Pick<TextFlag, "name" | "short" | "placeholder" | "help" | "manual">,
): TextFlag {
  const fixed = { category, takes: "text", origin: "rsync", status: "done" } as const;
  return { ...fixed, ...row, apply: append(kind) };
}

/** What the first and the second -F stand for. */
const shorthandRules: readonly ByteString[] = [": /.rsync-filter", "- .rsync-filter"];

/** The rows, in help order. */
export const filterFlags: readonly Flag[] = [
  rule("exclude", {
    name: "exclude",
    placeholder: "PATTERN",
    help: "leave out what matches PATTERN",
    manual: `The first rule that matches an entry decides. A pattern with a slash inside or at its start is matched against the path, otherwise against the last component; a leading slash anchors it at the top of the transfer; a trailing slash restricts it to directories. "*" matches anything but slashes, "**" slashes too, "?" one character, "[...]" one of a set, and a final "/***" a directory with all its contents.`,
  }),
  rule("exclude-from", {
    name: "exclude-from",
    placeholder: "FILE",
    help: "read exclude patterns from FILE",
    manual: `One pattern a line; empty lines and lines that start with "#" or ";" are skipped. "-" reads standard input.`,
  }),
  rule("include", {
    name: "include",
    placeholder: "PATTERN",
    help: "take what matches PATTERN, whatever later rules say",
    manual: "The counterpart of --exclude, with the same patterns.",
  }),
  rule("include-from", {
    name: "include-from",
    placeholder: "FILE",
    help: "read include patterns from FILE",
    manual: "The counterpart of --exclude-from.",
  }),
  rule("filter", {
    name: "filter",
    short: "f",
    placeholder: "RULE",
    help: "add a rule of the filter language",
    manual: `A rule is a letter or word, optional modifiers, and a pattern or file: "- " exclude, "+ " include, ". " merge a file of rules, ": " merge such a file in every directory, "H" hide, "S" show, "P" protect, "R" risk, "!" clear the rules so far. Modifiers: "/" match the absolute path, "!" match what does not match, "C" the CVS rules, "s" and "r" only the source's or the target's side, "p" perishable, "x" extended attribute names; for merges "e", "n", "w", "-" and "+".`,
  }),
  {
    short: "F",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "obey .rsync-filter files; twice: and leave them out",
    manual: `Stands for --filter='dir-merge /.rsync-filter', and when given again for --filter='exclude .rsync-filter'.`,
    apply: (settings) => {
      const value = shorthandRules[settings.filterShorthand];
      settings.filterShorthand += 1;
      if (value !== undefined) settings.filterRules.push({ kind: "filter", value });
    },
  },
  toggle("cvsExclude", {
    name: "cvs-exclude",
    short: "C",
    category,
    help: "leave out what CVS ignores",
    manual:
      "Exclude editor and compiler leftovers and version control directories as CVS does: a built-in list, $HOME/.cvsignore, $CVSIGNORE, and .cvsignore files in each directory. These rules come after all others; --filter=:C and --filter=-C place them elsewhere.",
  }),
];
