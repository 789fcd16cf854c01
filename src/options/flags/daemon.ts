// The flags of daemon mode: a table of its own, in force as soon as one of its switches is given.
// This file is a table.
import { ManifoldError } from "../../base/index.ts";
import { count, type Flag, ignore, store } from "../flag.ts";

const category = "remote";
const row = { category, origin: "rsync", status: "planned", waitsFor: "the daemon" } as const;

/** Makes a row with a value that nobody reads yet. */
function text(name: string, placeholder: string, help: string, short?: string): Flag {
  const fixed = { ...row, name, placeholder, help, manual: `${help}.`, takes: "text" } as const;
  return { ...fixed, apply: ignore, ...(short === undefined ? {} : { short }) };
}

/** The rows, in the order of --daemon --help. */
export const daemonFlags: readonly Flag[] = [
  {
    ...row,
    name: "daemon",
    takes: "nothing",
    help: "serve files to other machines",
    manual: "Must be there for the others to count.",
    apply: (settings) => {
      settings.daemon = true;
    },
  },
  text("address", "ADDRESS", "listen at this address"),
  {
    ...row,
    name: "bwlimit",
    takes: "number",
    placeholder: "RATE",
    help: "move at most RATE KiB per second",
    manual: "For each connection.",
    apply: ignore,
  },
  text("config", "FILE", "read this configuration instead of rsyncd.conf"),
  {
    ...row,
    name: "dparam",
    short: "M",
    takes: "text",
    placeholder: "OVERRIDE",
    help: "override one global parameter of the configuration",
    manual: "NAME=VALUE; may be repeated.",
    apply: (_settings, value) => {
      if (!value.includes("=")) {
        throw new ManifoldError("usage", `--dparam value is missing an '=': ${value}`);
      }
    },
  },
  {
    ...row,
    name: "no-detach",
    negations: ["detach"],
    takes: "nothing",
    help: "stay in the foreground",
    manual: "For service managers.",
    apply: ignore,
    negate: ignore,
  },
  {
    ...row,
    name: "port",
    takes: "number",
    placeholder: "PORT",
    help: "listen at this port",
    manual: "Instead of 873.",
    apply: store("port"),
  },
  text("log-file", "FILE", "override the configuration's log file"),
  text("log-file-format", "FMT", "override the configuration's log format"),
  text("sockopts", "OPTIONS", "set options of the sockets"),
  {
    ...row,
    name: "verbose",
    short: "v",
    negations: ["no-verbose", "no-v"],
    takes: "nothing",
    help: "tell more",
    manual: "May be repeated.",
    apply: count("verbose"),
    negate: ignore,
  },
  {
    ...row,
    name: "ipv4",
    short: "4",
    takes: "nothing",
    help: "prefer IPv4",
    manual: "When listening.",
    apply: ignore,
  },
  {
    ...row,
    name: "ipv6",
    short: "6",
    takes: "nothing",
    help: "prefer IPv6",
    manual: "When listening.",
    apply: ignore,
  },
  { ...text("temp-dir", "DIR", "make temporary files in DIR", "T"), hidden: true },
  {
    ...row,
    name: "protocol",
    takes: "number",
    placeholder: "NUM",
    hidden: true,
    help: "speak an older version of the protocol",
    manual: "For tests.",
    apply: ignore,
  },
  {
    ...row,
    name: "server",
    takes: "nothing",
    hidden: true,
    help: "be started by a remote shell",
    manual: "Used between programs.",
    apply: ignore,
  },
  {
    ...row,
    name: "help",
    short: "h",
    status: "done",
    takes: "nothing",
    help: "print this text",
    manual: "With --daemon.",
    apply: (_settings, context) => context.finish({ kind: "daemon-help" }),
  },
];
