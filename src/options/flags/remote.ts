// Flags that only matter when the other end is on another machine.
// This file is a table.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { count, type Flag, type FlagContext, ignore, set, store, toggle } from "../flag.ts";
import type { Settings } from "../settings.ts";
import { parseInteger } from "../values/integer.ts";

const category = "remote";

/** What the options share that switch to the daemon's own table. */
const daemonSwitch = {
  category,
  origin: "rsync",
  status: "done",
  takes: "nothing",
  apply: (_settings: Settings, context: FlagContext) => context.enterDaemonMode(),
} as const;

function addRemoteOption(settings: Settings, value: ByteString): void {
  if (!value.startsWith("-")) {
    throw new ManifoldError("usage", `Remote option must start with a dash: ${value}`);
  }
  settings.remoteOptions.push(value);
}

/** A version of rsync's protocol, or a name: whose protocol it is. */
function storeProtocol(settings: Settings, value: ByteString): void {
  if (value === "rsync" || value === "manifold") {
    settings.wire = value;
    return;
  }
  const number = parseInteger(value);
  if (typeof number === "string") {
    throw new ManifoldError("usage", `--protocol=${value}: ${number}`);
  }
  settings.protocol = number;
}

/** The rows, in help order. */
export const remoteFlags: readonly Flag[] = [
  {
    name: "rsh",
    short: "e",
    category,
    takes: "text",
    placeholder: "COMMAND",
    origin: "rsync",
    status: "accepted",
    default: "$RSYNC_RSH, or ssh",
    help: "reach other machines by COMMAND",
    manual: "May contain arguments and quotes.",
    apply: store("rsh"),
  },
  {
    name: "rsync-path",
    category,
    takes: "text",
    placeholder: "PROGRAM",
    origin: "rsync",
    status: "accepted",
    help: "run PROGRAM on the other machine",
    manual: "The program that the remote shell starts.",
    apply: store("rsyncPath"),
  },
  {
    name: "remote-option",
    short: "M",
    category,
    takes: "text",
    placeholder: "OPT",
    origin: "rsync",
    status: "done",
    help: "give OPT to the far end only",
    manual:
      "May be repeated; values must be joined with an equals sign. In a local copy the far end is the target: -M--fake-super.",
    apply: addRemoteOption,
  },
  {
    name: "compress",
    short: "z",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    help: "compress on the way",
    manual:
      "Without effect when both ends are on one machine. Without it manifold compresses the first mebibytes, and more where the line is slow.",
    apply: count("compress"),
  },
  {
    name: "old-compress",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    hidden: true,
    help: "stands for --compress-choice=zlib",
    manual: "The oldest method.",
    apply: set("compressChoice", "zlib"),
  },
  {
    name: "new-compress",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    hidden: true,
    help: "stands for --compress-choice=zlibx",
    manual: "zlib without matched data.",
    apply: set("compressChoice", "zlibx"),
  },
  {
    name: "no-compress",
    aliases: ["no-z"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    hidden: true,
    help: "do not compress",
    manual:
      "Takes back -z and any choice of method. The default of manifold-rsync; manifold compresses what it sends to another machine where that pays.",
    apply: (settings) => {
      settings.compress = 0;
      settings.compressIfItPays = false;
      settings.compressChoice = undefined;
    },
  },
  {
    name: "compress-choice",
    aliases: ["zc"],
    category,
    takes: "text",
    placeholder: "STR",
    choices: ["auto", "zstd", "lz4", "zlibx", "zlib", "none"],
    origin: "rsync",
    status: "accepted",
    default: "auto",
    help: "choose how to compress",
    manual: "auto, zstd, lz4, zlibx, zlib or none. Implies -z, except for none.",
    apply: store("compressChoice"),
  },
  {
    name: "compress-level",
    aliases: ["zl"],
    category,
    takes: "number",
    placeholder: "NUM",
    origin: "rsync",
    status: "accepted",
    help: "choose how hard to compress",
    manual: "Implies -z. What numbers mean depends on the method.",
    apply: store("compressLevel"),
  },
  {
    name: "compress-threads",
    aliases: ["zt"],
    category,
    takes: "number",
    placeholder: "NUM",
    origin: "rsync",
    status: "accepted",
    default: "0",
    help: "compress in NUM threads",
    manual: "Only some methods can.",
    apply: store("compressThreads"),
  },
  {
    name: "skip-compress",
    category,
    takes: "text",
    placeholder: "LIST",
    origin: "rsync",
    status: "accepted",
    help: "do not compress files with these suffixes",
    manual: "Suffixes without dots, separated by slashes.",
    apply: store("skipCompress"),
  },
  toggle("secludedArgs", {
    name: "secluded-args",
    short: "s",
    aliases: ["protect-args"],
    negations: ["no-secluded-args", "no-protect-args", "no-s"],
    category,
    status: "accepted",
    help: "send arguments over the connection, not the shell's command line",
    manual: "$RSYNC_PROTECT_ARGS sets the default.",
  }),
  {
    name: "old-args",
    negations: ["no-old-args"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "let the remote shell split arguments, as long ago",
    manual:
      "Where an rsync is behind the remote shell; it changes nothing with manifold there. $RSYNC_OLD_ARGS sets the default. It cannot be combined with --secluded-args.",
    apply: (settings) => {
      settings.oldArgs = (settings.oldArgs ?? 0) + 1;
    },
    negate: set("oldArgs", 0),
  },
  toggle("trustSender", {
    name: "trust-sender",
    category,
    status: "done",
    help: "do not check that the sender sends only what was asked for",
    manual:
      "What a source on another machine sends is held against the arguments, or the list, and the filter rules; a name that they do not allow ends the run. With --old-args, a list that is there, or rules in files there, this end does not know what is right. This option saves a little time with a source that you trust.",
  }),
  {
    name: "port",
    category,
    takes: "number",
    placeholder: "PORT",
    origin: "rsync",
    status: "accepted",
    help: "reach the daemon at PORT",
    manual: "For addresses that do not say it themselves.",
    apply: store("port"),
  },
  {
    name: "address",
    category,
    takes: "text",
    placeholder: "ADDRESS",
    origin: "rsync",
    status: "accepted",
    help: "connect from this local address",
    manual: "Name or number of a local interface.",
    apply: store("address"),
  },
  {
    name: "sockopts",
    category,
    takes: "text",
    placeholder: "OPTIONS",
    origin: "rsync",
    status: "accepted",
    help: "set options of the socket",
    manual: "NAME or NAME=VALUE, separated by commas.",
    apply: store("sockopts"),
  },
  {
    name: "ipv4",
    short: "4",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    help: "prefer IPv4",
    manual: "For connections that the program makes itself.",
    apply: set("ipVersion", 4),
  },
  {
    name: "ipv6",
    short: "6",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    help: "prefer IPv6",
    manual: "For connections that the program makes itself.",
    apply: set("ipVersion", 6),
  },
  toggle("blockingIo", {
    name: "blocking-io",
    negations: ["no-blocking-io"],
    category,
    status: "accepted",
    help: "blocking input and output for the remote shell",
    manual: "For remote shells that need it.",
  }),
  {
    name: "password-file",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "accepted",
    help: "read the daemon's password from FILE",
    manual: "An error when no daemon is involved.",
    apply: store("passwordFile"),
  },
  {
    name: "early-input",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "accepted",
    help: "send FILE to the daemon's early program",
    manual: "Only of use with a daemon.",
    apply: store("earlyInput"),
  },
  {
    name: "protocol",
    category,
    takes: "text",
    placeholder: "NUM|rsync|manifold",
    origin: "rsync",
    status: "done",
    default: "32",
    help: "speak rsync's protocol, an older version of it, or manifold's own",
    manual:
      "A number is the highest version of rsync's protocol: from 30 to 32 where that is spoken. `rsync` speaks it with a host that has manifold, too; `manifold` never does.",
    apply: storeProtocol,
  },
  {
    name: "iconv",
    category,
    takes: "text",
    placeholder: "CONVERT_SPEC",
    origin: "rsync",
    status: "accepted",
    help: "convert the character set of names",
    manual: `"-" and "." leave names as they are (rsync passes over those that are no text in the character set of the locale, for "."); conversions, which rsync also makes on one machine, are planned and end the run with exit status 4.`,
    apply: store("iconv"),
  },
  {
    name: "no-iconv",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "accepted",
    hidden: true,
    help: "leave names as they are (default)",
    manual: "Takes back --iconv and $RSYNC_ICONV.",
    apply: set("iconv", "-"),
  },
  {
    ...daemonSwitch,
    name: "daemon",
    help: "serve files to other machines; --daemon --help tells more",
    manual:
      "Every option is then one of the daemon's. manifold-rsync speaks manifold's own protocol on standard input and output, for $RSYNC_CONNECT_PROG; a server that listens is manifold serve.",
  },
  {
    ...daemonSwitch,
    name: "no-detach",
    negations: ["detach"],
    hidden: true,
    help: "one of the daemon's options",
    manual: "With --daemon only.",
    negate: (_settings, context) => context.enterDaemonMode(),
  },
  {
    ...daemonSwitch,
    name: "config",
    takes: "text",
    placeholder: "FILE",
    hidden: true,
    help: "one of the daemon's options",
    manual: "With --daemon only.",
    apply: (_settings, _value, context) => context.enterDaemonMode(),
  },
  {
    ...daemonSwitch,
    name: "dparam",
    takes: "text",
    placeholder: "OVERRIDE",
    hidden: true,
    help: "one of the daemon's options",
    manual: "With --daemon only.",
    apply: (_settings, _value, context) => context.enterDaemonMode(),
  },
  {
    name: "server",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "planned",
    waitsFor: "rsync's protocol",
    hidden: true,
    help: "be the far end of a connection (used between programs)",
    manual: "Never given by people.",
    apply: ignore,
  },
];
