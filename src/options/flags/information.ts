// Flags that print a text instead of running.
// This file is a table.
import { count, type Flag } from "../flag.ts";

const category = "information";

/** The rows, in help order. */
export const informationFlags: readonly Flag[] = [
  {
    name: "version",
    short: "V",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "print version and abilities; twice: as JSON",
    manual: "Says what this build can do on this machine.",
    apply: count("version"),
  },
  {
    name: "help",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "print this text (so does -h as the only argument)",
    manual: "A list of all options.",
    apply: (_settings, context) => {
      context.finish({ kind: "help", topic: undefined, exit: 0 });
    },
  },
  {
    name: "sender",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    hidden: true,
    help: "part of --server (used between programs)",
    manual: "Without --server it is an error.",
    apply: (_settings, context) => {
      context.finish({ kind: "help", topic: undefined, exit: 1 });
    },
  },
];
