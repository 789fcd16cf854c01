// The command line of a daemon, and of our verbs around it: a table of flags of its own.
import { type ByteString, ManifoldError } from "../base/index.ts";
import { daemonFlags } from "./flags/index.ts";
import { initialSettings } from "./initial-settings.ts";
import { notYet } from "./not-yet.ts";
import type { Parsed } from "./parsed.ts";
import { indexFlags } from "./read-argv.ts";
import { type FlagSurroundings, type ReadFlags, readFlags } from "./read-flags.ts";
import { flagTitle } from "./title.ts";

const daemonIndex = indexFlags(daemonFlags);

/** Reads the whole command line as a daemon's; `verb`: ours for it, which needs no --daemon. */
export function readDaemonFlags(
  argv: readonly ByteString[],
  around: FlagSurroundings,
  verb?: "serve" | "key",
): Parsed {
  const isOurs = around.personality === "manifold";
  const hint = isOurs
    ? "(manifold serve --help tells more.)"
    : '(Type "rsync --daemon --help" for assistance with daemon mode.)';
  const settings = initialSettings(around.personality, "sync");
  let read: ReadFlags;
  try {
    read = readFlags(argv, settings, around, daemonIndex);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    const isPlain = isOurs || error.message.includes("--dparam value");
    throw new ManifoldError(
      error.code,
      `${error.message}${isPlain ? "" : " (in daemon mode)"}\n${hint}`,
    );
  }
  if (read.result !== undefined) return read.result;
  if (!settings.daemon && verb === undefined) {
    throw new ManifoldError("usage", `Daemon option(s) used without --daemon.\n${hint}`);
  }
  if (read.planned !== undefined) {
    throw notYet(flagTitle(read.planned), read.planned.waitsFor ?? "");
  }
  const { config, address, port, ipVersion, logFile, sockopts } = settings;
  const onPipe = argv[0] === "--server";
  const asked = { config, address, port, ipVersion, logFile, sockopts, onPipe };
  if (verb === "key") return { kind: "key", words: read.places, asked };
  const [surplus] = read.places;
  if (surplus !== undefined && isOurs) {
    throw new ManifoldError("usage", `${surplus}: serve takes options only\n${hint}`);
  }
  return { kind: "serve", way: isOurs ? "port" : "pipe", asked };
}
