// --info=help and --debug=help: every word, and what each -v adds.
import { type DebugFlag, debugFlags, type InfoFlag, infoFlags } from "../values/output-flags.ts";
import { debugByVerbosity, infoByVerbosity, maxOutputLevel } from "../values/output-levels.ts";

const infoMeanings: Readonly<Record<InfoFlag, string>> = {
  backup: "Backups made of replaced and deleted files",
  copy: "Files copied from other places on the target's machine",
  del: "Deletions on the target",
  flist: "Scanning for what to transfer (levels 1-2)",
  misc: "Everything without a word of its own (levels 1-2)",
  mount: "Mount points met or skipped",
  name: "1) names that are updated, 2) names that are up to date too",
  nonreg: "Devices and special files that are skipped (on by default)",
  progress: "1) progress of each file, or 2) of the whole run",
  remove: "Files removed from the source",
  skip: "Files skipped because an option says so (levels 1-2)",
  stats: "Statistics at the end (levels 1-3)",
  symsafe: "Symlinks that lead out of the tree",
};

const debugMeanings: Readonly<Record<DebugFlag, string>> = {
  acl: "Access control lists",
  backup: "Steps of making backups (levels 1-2)",
  bind: "Sockets being bound",
  chdir: "Changes of the current directory",
  connect: "Connections being made (levels 1-2)",
  cmd: "Commands and options that are passed on (levels 1-2)",
  del: "Steps of deleting (levels 1-3)",
  deltasum: "Matching of blocks (levels 1-4)",
  dup: "Duplicate names being dropped",
  exit: "The end of the program (levels 1-3)",
  filter: "Rules and what they match (levels 1-3)",
  flist: "Listings (levels 1-4)",
  fuzzy: "Scores of similar files (levels 1-2)",
  genr: "The stage that compares",
  hash: "Hash tables",
  hlink: "Hard links (levels 1-3)",
  iconv: "Conversion of names (levels 1-2)",
  io: "Reading and writing (levels 1-4)",
  nstr: "What the two ends agree on",
  own: "Changes of owner and group (levels 1-2)",
  proto: "The protocol",
  recv: "The stage that receives",
  send: "The stage that sends",
  time: "Changes of modification times (levels 1-2)",
};

/** Returns the text of --info=help. */
export function infoHelp(): string {
  return outputHelp(
    "info",
    infoFlags.map((name) => [name, infoMeanings[name]]),
    infoByVerbosity,
  );
}

/** Returns the text of --debug=help. */
export function debugHelp(): string {
  return outputHelp(
    "debug",
    debugFlags.map((name) => [name, debugMeanings[name]]),
    debugByVerbosity,
  );
}

function outputHelp(
  option: "info" | "debug",
  meanings: readonly (readonly [string, string])[],
  byVerbosity: readonly string[],
): string {
  const row = (name: string, meaning: string) => `${name.toUpperCase().padEnd(10)} ${meaning}`;
  const levels = byVerbosity.flatMap((words, level) =>
    words === "" ? [] : [`${level}) ${words.toUpperCase()}`],
  );
  return [
    "A word alone or with 1 means level 1, with 2 level 2, and so on; with 0 it is silent.",
    "",
    ...meanings.map(([name, meaning]) => row(name, meaning)),
    "",
    row("all", `Every --${option} word, as in all${maxOutputLevel}`),
    row("none", "The same as all0"),
    row("help", "Print this text"),
    "",
    "What each -v adds:",
    ...levels,
    "",
  ].join("\n");
}
