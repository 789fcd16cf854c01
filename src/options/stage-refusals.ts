// Options that have no meaning for a stage verb: they are refused in one line, never ignored.
// This file is a table.
import { ManifoldError } from "../base/index.ts";
import type { Flag } from "./flag.ts";
import type { Verb } from "./options.ts";
import { flagTitle } from "./title.ts";

/** Why an option is refused. */
interface Refusal {
  readonly names: readonly string[];
  readonly why: string;
}

const onlySync: Refusal = {
  names: [
    ...["relative", "implied-dirs", "mkpath", "list-only", "remove-source-files", "delay-updates"],
    ...["inplace", "append", "append-verify", "partial", "partial-dir", "P", "fuzzy"],
    ...["copy-devices", "write-devices", "delete-missing-args", "copy-as", "tee", "write-batch"],
    ...["only-write-batch", "read-batch", "delete-before", "delete-during", "delete-delay"],
    ...[
      "delete-after",
      "rename-from",
      "mirror",
      "mirrors-from",
      "cooperate",
      "reference",
      "stages",
    ],
  ],
  why: "only a sync does that",
};
const receiving: Refusal = {
  names: [
    ...["backup", "backup-dir", "suffix", "temp-dir", "fsync", "durable", "verify", "on-conflict"],
    ...["undo", "max-delete", "sparse", "preallocate", "compare-dest", "copy-dest", "link-dest"],
    ...["keep-dirlinks", "dry-run"],
  ],
  why: "nothing is written; it is for receive",
};
const comparing: Refusal = {
  names: [
    ...["delete", "delete-excluded", "force", "existing", "ignore-existing", "update", "size-only"],
    ...["ignore-times", "modify-window", "max-size", "min-size", "checksum", "basis"],
    ...["detect-renamed", "detect-renamed-lax", "detect-moved", "no-detect-renamed"],
  ],
  why: "nothing is compared; it is for diff",
};
const choosing: Refusal = {
  names: [
    ...["files-from", "from0", "prune-empty-dirs", "one-file-system", "copy-links"],
    ...["copy-unsafe-links", "copy-dirlinks", "chmod", "digests", "signatures"],
  ],
  why: "what there is to do is chosen already; it is for scan and diff",
};

const notCast: Refusal = {
  names: [
    ...["list-only", "remove-source-files", "delay-updates", "inplace", "append", "undo"],
    ...["append-verify", "partial", "partial-dir", "P", "fuzzy", "write-devices", "copy-as", "tee"],
    ...["delete-missing-args", "write-batch", "only-write-batch", "read-batch", "delete-before"],
    ...["delete-during", "delete-delay", "delete-after", "rename-from", "streams", "datagrams"],
  ],
  why: "a cast cannot do that",
};

/** What only a cast is told. */
const castNames = new Set([
  ...["targets", "targets-file", "changeset", "mcast-group", "mcast-interface", "mcast-ttl"],
  ...["rate-min", "share", "congestion", "ssm", "probe", "mcast-loopback"],
  ...["rate-max", "slow", "commit", "min-targets", "join-window", "report", "retry-from", "admit"],
]);

/** Of these, what a sync that sends datagrams is told, too. */
const rateNames = new Set(["rate-max", "rate-min", "share", "congestion"]);

/** What only a catch is told, and what else it listens to: the rest is for the master to say. */
const catchNames = new Set(["serve-config", "master", "discard", "once"]);
const caughtNames = new Set([
  "mcast-interface",
  ...[
    "address",
    "port",
    "ipv4",
    "ipv6",
    "sockopts",
    "log-file",
    "threads",
    "timeout",
    "contimeout",
  ],
  ...["verbose", "quiet"],
]);

/** What is said of many sources stays; nothing is synced. */
const onlyLooking: Refusal = {
  names: onlySync.names.filter((name) => !name.startsWith("mirror")),
  why: "it only looks",
};

const refusals: Partial<Record<Verb, readonly Refusal[]>> = {
  cast: [notCast],
  scan: [onlySync, receiving, comparing],
  diff: [onlySync, receiving],
  send: [onlySync, receiving, comparing, { ...choosing, names: choosing.names.filter(sendLacks) }],
  receive: [onlySync, comparing, choosing],
  show: [onlySync, receiving, comparing, choosing],
  invert: [onlySync, receiving, comparing, choosing],
  sources: [onlyLooking, receiving, comparing, choosing],
};

/** send reads through links as diff did. */
function sendLacks(name: string): boolean {
  return !name.startsWith("copy-");
}

/** Verbs that go by records alone have no use for filters. */
const unfiltered = new Set<Verb>(["send", "receive", "show", "invert", "sources"]);

/** Says whether a flag is not for this one of cast and catch alone. */
function isShared(verb: Verb, name: string): boolean {
  if (verb === "cast") return name === "serve-config";
  return verb === "catch" && caughtNames.has(name);
}

/** Throws a usage error for the first flag that the verb has no use for. */
export function refuseForeignFlags(verb: Verb, given: Iterable<Flag>): void {
  const flags = [...given];
  const sendsDatagrams = verb === "sync" && flags.some(({ name }) => name === "datagrams");
  for (const flag of flags) {
    const name = flag.name ?? flag.short ?? "";
    if (sendsDatagrams && rateNames.has(name)) continue;
    if (castNames.has(name) && verb !== "cast" && !(verb === "catch" && caughtNames.has(name))) {
      const also = rateNames.has(name) ? " and --datagrams" : "";
      throw new ManifoldError("usage", `${flagTitle(flag)} is for manifold cast${also}`);
    }
    if (catchNames.has(name) !== (verb === "catch") && !isShared(verb, name)) {
      const says =
        verb === "catch" ? "the master decides what is done" : "it is for manifold catch";
      throw new ManifoldError("usage", `${flagTitle(flag)}: ${says}`);
    }
    const refusal =
      flag.category === "filters" && unfiltered.has(verb)
        ? choosing
        : refusals[verb]?.find(({ names }) => names.includes(name));
    if (refusal === undefined) continue;
    throw new ManifoldError(
      "usage",
      `${flagTitle(flag)} has no meaning for manifold ${verb}: ${refusal.why}`,
    );
  }
}
