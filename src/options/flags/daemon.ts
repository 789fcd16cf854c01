// The flags of daemon mode: a table of its own, in force as soon as one of its switches is given.
// This file is a table.
import { ManifoldError } from "../../base/index.ts";
import { count, type Flag, ignore, set, store } from "../flag.ts";

const category = "remote";
const row = { category, origin: "rsync", status: "done" } as const;
const later = {
  category,
  origin: "rsync",
  status: "planned",
  waitsFor: "rsync's protocol",
} as const;

/** Makes a row with a value that nobody reads yet. */
function text(name: string, placeholder: string, help: string, short?: string): Flag {
  const fixed = { ...later, name, placeholder, help, manual: `${help}.`, takes: "text" } as const;
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
  {
    ...row,
    name: "address",
    takes: "text",
    placeholder: "ADDRESS",
    help: "listen at this address",
    manual: "Instead of the configuration's.",
    apply: store("address"),
  },
  {
    ...later,
    name: "bwlimit",
    takes: "number",
    placeholder: "RATE",
    help: "move at most RATE KiB per second",
    manual: "For each connection.",
    apply: ignore,
  },
  {
    ...row,
    name: "config",
    takes: "text",
    placeholder: "FILE",
    help: "read this configuration",
    manual:
      "Instead of /etc/manifold/serve.conf, or for users other than root ~/.config/manifold/serve.conf; rsync --daemon reads /etc/rsyncd.conf.",
    apply: store("config"),
  },
  {
    ...later,
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
    manual: "Instead of the configuration's, or 8730; 0 = one that is free.",
    apply: store("port"),
  },
  {
    ...row,
    name: "log-file",
    takes: "text",
    placeholder: "FILE",
    help: "override the configuration's log file",
    manual: "Without any, lines go to standard error.",
    apply: store("logFile"),
  },
  text("log-file-format", "FMT", "override the configuration's log format"),
  {
    ...row,
    name: "sockopts",
    takes: "text",
    placeholder: "OPTIONS",
    help: "set options of the sockets",
    manual: "Instead of the configuration's: TCP_NODELAY, SO_KEEPALIVE, or these with =0.",
    apply: store("sockopts"),
  },
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
    help: "listen on IPv4 only",
    manual: "Else on whatever the address is.",
    apply: set("ipVersion", 4),
  },
  {
    ...row,
    name: "ipv6",
    short: "6",
    takes: "nothing",
    help: "listen on IPv6 only",
    manual: "Else on whatever the address is.",
    apply: set("ipVersion", 6),
  },
  { ...text("temp-dir", "DIR", "make temporary files in DIR", "T"), hidden: true },
  {
    ...later,
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
    status: "done",
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
