// --help: the table as a text, in manifold's shape and in rsync's, and the help on one topic.
import { ManifoldError } from "../../base/index.ts";
import { type Category, categories, type Flag } from "../flag.ts";
import { daemonFlags, flags } from "../flags/index.ts";
import type { Personality } from "../options.ts";
import { longNames } from "../read-argv.ts";
import { flagTitle, valueTitle } from "../title.ts";
import { verbs } from "../verbs.ts";
import type { BuildFacts } from "./facts.ts";
import { versionText } from "./version.ts";

/** What the headings say. */
export const categoryTitles: Readonly<Record<Category, string>> = {
  selection: "What is transferred",
  filters: "Filter rules",
  attributes: "Attributes",
  links: "Links",
  deletion: "Deleting",
  transfer: "How files are written",
  basis: "Other trees to compare with",
  output: "Output",
  limits: "Limits",
  remote: "Other machines",
  manifold: "manifold's own",
  information: "Information",
};

const manifoldColumn = 30;
const rsyncColumn = 25;

/**
 * Returns the help of a program: all of it, or as the answer to a command line without arguments, which
 * from manifold is short enough to be read at a glance.
 */
export function helpText(personality: Personality, facts: BuildFacts, isAsked: boolean): string {
  if (personality === "manifold-rsync") return rsyncHelp(facts);
  return isAsked ? manifoldHelp(facts) : manifoldUsage(facts);
}

/** Returns the flags that people see. */
export function visibleFlags(): readonly Flag[] {
  return flags.filter(({ hidden }) => hidden !== true);
}

/** Puts a text in a column, or two spaces after what stands in front of it. */
function columns(left: string, right: string, column: number): string {
  return left.length + 2 <= column ? left.padEnd(column) + right : `${left}  ${right}`;
}

function manifoldHead(facts: BuildFacts): readonly string[] {
  return [
    `manifold ${facts.version}: moves file trees`,
    "",
    "Usage: manifold [sync] [OPTION]... SRC... DEST",
    "       manifold VERB [OPTION]... [ARGUMENT]...",
    "",
    "SRC without a trailing slash is copied itself, with one its contents are. -a is implied;",
    "--no-OPTION turns an option off, parts of -a included.",
    "",
  ];
}

function manifoldUsage(facts: BuildFacts): string {
  const hint = "manifold --help lists verbs and options.";
  return [...manifoldHead(facts), hint, ""].join("\n");
}

function manifoldHelp(facts: BuildFacts): string {
  const verbLines = verbs.map(({ name, help, status }) =>
    columns(`  ${name}`, help + mark(status), manifoldColumn),
  );
  return [
    ...manifoldHead(facts),
    "Verbs",
    ...verbLines,
    ...categories.flatMap((category) => ["", ...categoryLines(category)]),
    "",
    "manifold help VERB, OPTION or TOPIC tells more. The topics are",
    `${categories.slice(0, 7).join(", ")},`,
    `${categories.slice(7).join(", ")}.`,
    "rsync users: manifold-rsync has rsync's defaults.",
    "",
  ].join("\n");
}

/** The heading of a category and a line for each of its options. */
function categoryLines(category: Category): readonly string[] {
  const rows = visibleFlags().filter((flag) => flag.category === category);
  return [categoryTitles[category], ...rows.flatMap(manifoldLines)];
}

function mark(status: Flag["status"]): string {
  return status === "planned" || status === "impossible" ? ` (${status})` : "";
}

function manifoldLines(flag: Flag): readonly string[] {
  const letter = flag.short === undefined ? "    " : `-${flag.short}, `;
  const title = flag.name === undefined ? `-${flag.short}` : `${letter}${flagTitle(flag)}`;
  const line = columns(`  ${title}`, flag.help + mark(flag.status), manifoldColumn);
  if (flag.negationHelp === undefined) return [line];
  const negation = `      --${flag.negations?.[0]}`;
  return [line, columns(negation, flag.negationHelp, manifoldColumn)];
}

function rsyncHelp(facts: BuildFacts): string {
  return [
    versionText("manifold-rsync", facts),
    "Usage: rsync [OPTION]... SRC [SRC]... DEST",
    "",
    "SRC or DEST may be [USER@]HOST:PATH, where HOST has manifold, too; rsync:// is understood,",
    "but not available yet.",
    "",
    "Options",
    ...visibleFlags().flatMap(rsyncLines),
    columns("--no-OPTION", "turn off an option that another implies, as in --no-D", rsyncColumn),
    "",
    "-h alone is --help. rsync --daemon --help lists the options of the daemon mode.",
    "",
  ].join("\n");
}

/** One line for each name that people may look for. */
function rsyncLines(flag: Flag): readonly string[] {
  const main = flag.name === undefined ? `-${flag.short}` : flagTitle(flag);
  const letter = flag.name === undefined || flag.short === undefined ? "" : `, -${flag.short}`;
  const lines = [columns(main + letter, flag.help + mark(flag.status), rsyncColumn)];
  for (const alias of flag.aliases ?? []) {
    const title = `--${alias}${valueTitle(flag)}`;
    lines.push(columns(title, `same as --${flag.name}`, rsyncColumn));
  }
  for (const [at, negation] of (flag.negations ?? []).entries()) {
    const meaning = at === 0 ? flag.negationHelp : `same as --${flag.negations?.[0]}`;
    if (flag.negationHelp !== undefined && meaning !== undefined) {
      lines.push(columns(`--${negation}`, meaning, rsyncColumn));
    }
  }
  return lines;
}

/** Returns the text of --daemon --help, and of our verb for it. */
export function daemonHelp(personality: Personality): string {
  const shown = daemonFlags.filter(({ hidden }) => hidden !== true).flatMap(rsyncLines);
  if (personality === "manifold") {
    const { help = "", more = "" } = verbs.find(({ name }) => name === "serve") ?? {};
    return ["Usage: manifold serve [OPTION]...", "", help, more, "", ...shown, ""].join("\n");
  }
  return [
    "Usage: rsync --daemon [OPTION]...",
    "Serves whoever is on standard input and output, which must be a socket; in manifold's own protocol.",
    ...shown,
    "",
    "Without --daemon, rsync has other options: see rsync --help.",
    "",
  ].join("\n");
}

/**
 * Returns the help on a verb, a category or an option ("sync", "deletion", "delete", "--delete", "-x"). A word
 * without dashes that is both names a category.
 */
export function topicHelp(topic: string): string {
  const verb = verbs.find(({ name }) => name === topic);
  if (verb !== undefined) {
    const waits = verb.waitsFor === undefined ? "" : `\nIt comes with ${verb.waitsFor}.`;
    const more = verb.more === undefined ? "" : `\n\n${verb.more}`;
    return `manifold ${verb.name} ${verb.usage}\n\n${verb.help}${waits}${more}\n`;
  }
  const category = categories.find((name) => name === topic);
  if (category !== undefined) {
    return [...categoryLines(category), "", "manifold help OPTION tells more.", ""].join("\n");
  }
  const flag = findFlag(topic);
  if (flag === undefined) {
    const what = `There is no verb, option or topic ${topic}`;
    throw new ManifoldError("usage", `${what}; see manifold --help`);
  }
  const names = [
    ...(flag.short === undefined ? [] : [`-${flag.short}`]),
    ...longNames(flag).map((name) => `--${name}${valueTitle(flag)}`),
  ];
  return `${[
    names.join(", "),
    ...(flag.negations === undefined ? [] : [flag.negations.map((name) => `--${name}`).join(", ")]),
    "",
    flag.help,
    "",
    flag.manual,
    ...flagNotes(flag).flatMap((note) => ["", note]),
  ].join("\n")}\n`;
}

function findFlag(topic: string): Flag | undefined {
  const name = topic.replace(/^--?/, "").replace(/=.*$/, "");
  return flags.find(
    (flag) =>
      flag.short === name || longNames(flag).includes(name) || flag.negations?.includes(name),
  );
}

/** Returns what the docs add to a flag's manual: its default, and how far it is. */
export function flagNotes(flag: Flag): readonly string[] {
  const notes: string[] = [];
  if (flag.default !== undefined) notes.push(`Default: ${flag.default}.`);
  if (flag.status === "accepted") notes.push("It changes nothing in a copy on one machine.");
  if (flag.status === "planned") notes.push(`Not available yet: it comes with ${flag.waitsFor}.`);
  if (flag.status === "impossible") notes.push(`Not possible: ${flag.waitsFor}.`);
  return notes;
}
