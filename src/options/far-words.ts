// The options of a run in words for its other end: what was met on the command line, but for what only
// concerns this end, and for what is sent in another way (filter rules, file lists).

import type { ByteString } from "../base/index.ts";
import type { MetFlag } from "./read-argv.ts";

/** Options that stay: where this end's files, terminal, connection and rules are concerned. */
const stays = new Set([
  "rsh",
  "rsync-path",
  "remote-path",
  "remote-option",
  "exclude",
  "exclude-from",
  "include",
  "include-from",
  "filter",
  "cvs-exclude",
  "files-from",
  "from0",
  "json",
  "threads",
  "quiet",
  "human-readable",
  "progress",
  "log-file",
  "log-file-format",
  "8-bit-output",
  "stderr",
  "msgs2stderr",
  "no-msgs2stderr",
  "outbuf",
  "motd",
  "no-motd",
  "stop-after",
  "time-limit",
  "stop-at",
  "timeout",
  "contimeout",
  "address",
  "port",
  "sockopts",
  "ipv4",
  "ipv6",
  "blocking-io",
  "password-file",
  "early-input",
  "protocol",
  "iconv",
  "old-args",
  "secluded-args",
  "list-only",
  "read-batch",
  "insecure-links",
  "confine-root",
  "copy-as",
  "targets",
  "targets-file",
  "changeset",
  "mcast-group",
  "mcast-interface",
  "mcast-ttl",
  "ssm",
  "probe",
  "mcast-loopback",
  "slow",
  "commit",
  "min-targets",
  "join-window",
  "report",
  "retry-from",
  "serve-config",
  "discard",
  "once",
]);

/** Options whose file is on this end's machine; the other end hears that there is one. */
const files = new Set(["tee", "undo", "write-batch", "only-write-batch"]);

/** Says whether a flag names a file that only its own end has. */
export function namesOwnFile({ flag, value }: MetFlag): boolean {
  return files.has(flag.name ?? "") && value !== "-";
}

/** Returns the word for a flag; undefined = it stays here. */
export function farWord({ flag, negated, value, argument }: MetFlag): ByteString | undefined {
  const { name, short } = flag;
  if (name === undefined) {
    // -F is about rules, and they are sent.
    return short === undefined || short === "F" ? undefined : `-${short}`;
  }
  if (stays.has(name)) return undefined;
  if (files.has(name)) return `--${name}=-`;
  if (negated) return argument.startsWith("--") ? argument : `--no-${name}`;
  if (flag.takes === "nothing" || value === undefined) return `--${name}`;
  return `--${name}=${value}`;
}
