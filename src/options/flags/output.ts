// Flags about what is told.
// This file is a table.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { count, type Flag, type FlagContext, set, store, toggle } from "../flag.ts";
import type { Settings } from "../settings.ts";
import { debugFlags, infoFlags } from "../values/output-flags.ts";
import { readOutputWords } from "../values/output-levels.ts";

const category = "output";

function applyInfo(settings: Settings, value: ByteString, context: FlagContext): void {
  if (readOutputWords("info", value, { names: infoFlags, levels: settings.info }) === "help") {
    context.finish({ kind: "info-help" });
  }
}

function applyDebug(settings: Settings, value: ByteString, context: FlagContext): void {
  if (readOutputWords("debug", value, { names: debugFlags, levels: settings.debug }) === "help") {
    context.finish({ kind: "debug-help" });
  }
}

function applyStderr(settings: Settings, value: ByteString): void {
  const mode = (["errors", "all", "client"] as const).find((word) => word.startsWith(value));
  if (value === "" || mode === undefined) {
    throw new ManifoldError(
      "usage",
      `--stderr mode "${value}" is not one of errors, all, or client`,
    );
  }
  settings.stderr = mode;
}

/** The rows, in help order. */
export const outputFlags: readonly Flag[] = [
  {
    name: "verbose",
    short: "v",
    negations: ["no-verbose", "no-v"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "tell more; may be repeated",
    manual:
      "Once: names of transferred files and a summary. Twice: names of unchanged files too. More is for debugging. Each level stands for settings of --info and --debug, which can also be set one by one.",
    apply: count("verbose"),
    negate: set("verbose", 0),
  },
  toggle("quiet", {
    name: "quiet",
    short: "q",
    category,
    help: "tell only errors",
    manual: "Nothing is written to standard output.",
  }),
  {
    name: "info",
    category,
    takes: "text",
    placeholder: "FLAGS",
    origin: "rsync",
    status: "done",
    help: "choose what is told",
    manual: `A comma-separated list of words, each with an optional level: "name2", "stats", "progress2", "none", "all3". --info=help lists them.`,
    apply: applyInfo,
  },
  {
    name: "debug",
    category,
    takes: "text",
    placeholder: "FLAGS",
    origin: "rsync",
    status: "done",
    help: "choose what is told for debugging",
    manual: "Like --info. --debug=help lists the words.",
    apply: applyDebug,
  },
  {
    name: "itemize-changes",
    short: "i",
    negations: ["no-itemize-changes", "no-i"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "tell what changes about every item",
    manual:
      "One line per changed item, beginning with eleven characters: what is done, the type, and a letter for each attribute that changes. Given twice, unchanged items are listed too.",
    apply: count("itemize"),
    negate: set("itemize", 0),
  },
  {
    name: "out-format",
    aliases: ["log-format"],
    category,
    takes: "text",
    placeholder: "FORMAT",
    origin: "rsync",
    status: "done",
    help: "tell items in this FORMAT",
    manual:
      "%-escapes: %n name, %f path, %i changes, %l length, %L what a link points at, %M time, %B permissions, %o operation, %b bytes transferred, %c bytes matched, %C checksum, %U uid, %G gid, %p process, %t time of day, %% a percent sign.",
    apply: store("outFormat"),
  },
  toggle("stats", {
    name: "stats",
    category,
    help: "tell statistics at the end",
    manual: "Numbers of files by kind, bytes, and how much was transferred.",
  }),
  {
    name: "human-readable",
    short: "h",
    negations: ["no-human-readable", "no-h"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "write numbers with units",
    manual:
      "Once: units of 1000. Twice: units of 1024. --no-h writes plain digits; the default groups them. -h as the only argument means --help.",
    apply: count("humanReadable"),
    negate: set("humanReadable", 0),
  },
  toggle("progress", {
    name: "progress",
    negations: ["no-progress"],
    category,
    help: "show the progress of every file",
    manual:
      "Stands for --info=flist2,name,progress. --info=progress2 shows the progress of the whole run instead.",
  }),
  {
    short: "P",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "stands for --partial --progress",
    manual: "Both can be turned off again by --no-partial and --no-progress.",
    apply: (settings) => {
      settings.partial = true;
      settings.progress = true;
    },
  },
  toggle("listOnly", {
    name: "list-only",
    category,
    help: "list the source instead of copying it",
    manual: "Also what happens when there is only one argument.",
  }),
  {
    name: "log-file",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "done",
    help: "keep a log of what is done in FILE",
    manual: "Lines are appended, each with date, time and process.",
    apply: store("logFile"),
  },
  {
    name: "log-file-format",
    category,
    takes: "text",
    placeholder: "FMT",
    origin: "rsync",
    status: "done",
    default: "%i %n%L",
    help: "log items in this format",
    manual: "The escapes are those of --out-format.",
    apply: store("logFileFormat"),
  },
  toggle("eightBit", {
    name: "8-bit-output",
    short: "8",
    negations: ["no-8-bit-output", "no-8"],
    category,
    help: "write bytes of names that are not text as they are",
    manual: "Without it, bytes that are not printable are written as \\#ooo in octal.",
  }),
  {
    name: "stderr",
    category,
    takes: "text",
    placeholder: "e|a|c",
    choices: ["errors", "all", "client"],
    origin: "rsync",
    status: "done",
    default: "errors",
    help: "choose which messages go to standard error",
    manual:
      "errors: only errors; all: everything; client: messages of the far end come through this one.",
    apply: applyStderr,
  },
  {
    name: "msgs2stderr",
    negations: ["no-msgs2stderr"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    hidden: true,
    help: "older name of --stderr=all",
    manual: "--no-msgs2stderr is --stderr=client.",
    apply: set("stderr", "all"),
    negate: set("stderr", "client"),
  },
  {
    name: "outbuf",
    category,
    takes: "text",
    placeholder: "N|L|B",
    choices: ["N", "L", "B"],
    origin: "rsync",
    status: "done",
    help: "choose how standard output is buffered: not, by line, in blocks",
    manual: "Only the first letter counts; U and F are other names of N and B.",
    apply: store("outbuf"),
  },
  toggle("motd", {
    name: "motd",
    negations: ["no-motd"],
    category,
    status: "accepted",
    help: "show a daemon's message of the day (default)",
    negationHelp: "do not show a daemon's message of the day",
    manual: "Only of use with a daemon.",
  }),
];
