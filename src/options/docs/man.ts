// The manual page, in roff with the man macros.
import { errorTable } from "../../base/index.ts";
import { categories, type Flag } from "../flag.ts";
import type { Personality } from "../options.ts";
import { longNames } from "../read-argv.ts";
import { valueTitle } from "../title.ts";
import { verbs } from "../verbs.ts";
import type { BuildFacts } from "./facts.ts";
import { categoryTitles, flagNotes, visibleFlags } from "./help.ts";

const environment: readonly (readonly [string, string])[] = [
  ["CVSIGNORE", "More patterns for --cvs-exclude."],
  ["HOME", "Where --cvs-exclude looks for .cvsignore."],
  [
    "RSYNC_CONNECT_PROG",
    "A command that connects to an rsync:// or host:: daemon; %H is the host.",
  ],
  ["RSYNC_MAX_ALLOC", "The default of --max-alloc."],
  ["RSYNC_OLD_ARGS", "The default of --old-args."],
  ["RSYNC_PARTIAL_DIR", "Where --partial keeps files."],
  ["RSYNC_PROTECT_ARGS", "The default of --secluded-args."],
  ["RSYNC_RSH", "The default of --rsh."],
  ["XDG_CONFIG_HOME", "Where manifold/ keeps our key and those of known servers; else ~/.config."],
  ["POSIXLY_CORRECT", "When set, options after the first other argument are arguments too."],
];

/** Makes text safe for roff: backslashes, hyphens that are typed, and dots at the start of lines. */
export function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
}

/** Returns the manual page of a program. */
export function manPage(program: Personality, facts: BuildFacts): string {
  const upper = program.toUpperCase();
  return `${[
    `.TH "${roff(upper)}" "1" "" "${roff(`manifold ${facts.version}`)}" "User Commands"`,
    ".SH NAME",
    roff(`${program} - move file trees`),
    ".SH SYNOPSIS",
    ...synopsis(program),
    ".SH DESCRIPTION",
    ...description(program),
    ...(program === "manifold" ? verbSection() : []),
    ".SH OPTIONS",
    ...categories.flatMap(categorySection),
    ".SH ENVIRONMENT",
    ...environment.flatMap(([name, meaning]) => [".TP", `.B ${roff(name)}`, roff(meaning)]),
    ".SH EXIT STATUS",
    ...exitSection(),
    ".SH SEE ALSO",
    `.BR ${program === "manifold" ? "manifold\\-rsync" : "manifold"} (1),`,
    ".BR rsync (1)",
  ].join("\n")}\n`;
}

function synopsis(program: Personality): readonly string[] {
  const sync = [`.B ${roff(program)}`, roff("[OPTION]... SRC... DEST")];
  if (program === "manifold-rsync") return sync;
  return [...sync, ".br", `.B ${program}`, roff("VERB [OPTION]... [ARGUMENT]...")];
}

function description(program: Personality): readonly string[] {
  if (program === "manifold-rsync") {
    const text = "Does what rsync does: options, defaults, output and exit status are rsync's.";
    return [roff(text), ".PP", roff("What it has beyond that is in manifold(1).")];
  }
  const paragraphs = [
    "Makes DEST like the sources. A source with a trailing slash stands for its contents, one without for itself. Everything is staged under another name and renamed when it is complete; deletions come last.",
    "Options have the names and meanings of rsync's. --archive is implied; --no-OPTION turns an option off, parts of --archive included. On a terminal a line tells how far the run is.",
  ];
  return paragraphs.flatMap((text) => [".PP", roff(text)]);
}

function verbSection(): readonly string[] {
  const lines = [".SH VERBS", roff("The first argument may be a verb; otherwise it is sync.")];
  for (const { name, usage, help, waitsFor, more } of verbs) {
    const waits = waitsFor === undefined ? "" : ` Not available yet: it comes with ${waitsFor}.`;
    lines.push(".TP", `.B ${roff(`${name} ${usage}`.trim())}`, roff(sentence(help) + waits));
    if (more !== undefined) lines.push(".RS", ".nf", roff(more), ".fi", ".RE");
  }
  return lines;
}

function categorySection(category: (typeof categories)[number]): readonly string[] {
  const rows = visibleFlags().filter((flag) => flag.category === category);
  return [`.SS ${roff(categoryTitles[category])}`, ...rows.flatMap(entry)];
}

function entry(flag: Flag): readonly string[] {
  const names = [
    ...(flag.short === undefined ? [] : [`-${flag.short}`]),
    ...longNames(flag).map((name) => `--${name}${valueTitle(flag)}`),
  ];
  const paragraphs = [`${sentence(flag.help)}`, ...flag.manual.split(/\n\n/), ...flagNotes(flag)];
  const negations = (flag.negations ?? []).map((name) => `--${name}`);
  if (negations.length > 0) paragraphs.push(`Turned off by ${negations.join(", ")}.`);
  const [first = "", ...more] = paragraphs;
  return [
    ".TP",
    `.B ${roff(names.join(", "))}`,
    roff(first),
    ...more.flatMap((paragraph) => [".IP", roff(paragraph)]),
  ];
}

/** Makes a help line a sentence. */
function sentence(help: string): string {
  return `${help.charAt(0).toUpperCase()}${help.slice(1)}.`;
}

function exitSection(): readonly string[] {
  const meanings = new Map<number, string[]>([[0, ["everything was done"]]]);
  for (const { exit, says } of Object.values(errorTable)) {
    meanings.set(exit, [...(meanings.get(exit) ?? []), says]);
  }
  return [...meanings]
    .sort(([a], [b]) => a - b)
    .flatMap(([exit, says]) => [".TP", `.B ${exit}`, roff(`${says.join("; ")}.`)]);
}
