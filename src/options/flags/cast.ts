// The flags of manifold cast and manifold catch.
// This file is a table.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { type Flag, set, store } from "../flag.ts";
import { oneOf, upTo } from "../values/choice.ts";
import { parseSize } from "../values/size.ts";

const own = { category: "manifold", origin: "manifold", status: "done" } as const;

const slowWays = ["evict", "wait", "fail"] as const;
const congestionWays = ["measured", "fixed"] as const;
const shareMin = 0.05;
const secondsMax = 86_400;

/** Reads bytes a second. */
function rateOf(value: ByteString, option: string): number | undefined {
  const rule = { option, unit: "B", min: 1, zeroIsUnlimited: true } as const;
  return parseSize(value, rule) || undefined;
}

/** The rows of casts. */
export const castFlags: readonly Flag[] = [
  {
    ...own,
    name: "targets",
    takes: "text",
    placeholder: "LIST",
    help: "cast to the machines and paths of LIST",
    manual:
      "For cast: HOST:PATH,HOST:PATH,... A host without a path has the path of the next one that has one: a,b,c:/srv/data. manifold://HOST[:PORT] is a machine that runs manifold catch, and so is a host when nothing behind it has a path; manifold://HOST/MODULE/PATH is a module of manifold serve.",
    apply: store("castTargets"),
  },
  {
    ...own,
    name: "targets-file",
    takes: "text",
    placeholder: "FILE",
    help: "cast to what FILE lists, one a line",
    manual: "For cast, as --targets or besides it. What follows a # is ignored.",
    apply: store("targetsFile"),
  },
  {
    ...own,
    name: "changeset",
    takes: "text",
    placeholder: "FILE",
    help: "cast this changeset instead of a tree",
    manual: "For cast: FILE is what send, --tee or --write-batch wrote; there are no sources then.",
    apply: store("changesetFile"),
  },
  {
    ...own,
    name: "mcast-group",
    takes: "text",
    placeholder: "ADDR[:PORT]",
    default: "239.255.x.y, by the session",
    help: "send to this multicast group",
    manual: "For cast. With this option a single target is sent datagrams, too.",
    apply: store("castGroup"),
  },
  {
    ...own,
    name: "mcast-interface",
    takes: "text",
    placeholder: "NAME",
    help: "send datagrams through this interface, by name or address",
    manual:
      "For cast, and for catch, which joins groups there: the interface's name or its address. By default the one that the route leads to.",
    apply: store("castInterface"),
  },
  {
    ...own,
    name: "mcast-ttl",
    takes: "number",
    placeholder: "NUM",
    default: "1",
    help: "let datagrams pass NUM - 1 routers",
    manual: "For cast: from 1 to 255.",
    apply: (settings, value) => {
      settings.castHops = upTo(255, value, "mcast-ttl");
    },
  },
  {
    ...own,
    name: "rate-max",
    takes: "text",
    placeholder: "RATE",
    help: "send datagrams with at most RATE bytes a second",
    manual:
      "For cast and --datagrams: with K, M or G behind the number. Without it the rate is what the slowest target takes.",
    apply: (settings, value) => {
      settings.rateMax = rateOf(value, "rate-max");
    },
  },
  {
    ...own,
    name: "rate-min",
    takes: "text",
    placeholder: "RATE",
    default: "150K",
    help: "send datagrams with at least RATE bytes a second",
    manual: "For cast and --datagrams: whatever is lost.",
    apply: (settings, value) => {
      settings.rateMin = rateOf(value, "rate-min");
    },
  },
  {
    ...own,
    name: "share",
    takes: "text",
    placeholder: "NUM",
    default: "1",
    help: "use this share of what the slowest target takes",
    manual:
      "For cast and --datagrams: from 0.05 to 1. With 0.7 others on the same line have room of their own.",
    apply: (settings, value) => {
      const share = /^(0\.\d+|1(\.0*)?)$/.test(value) ? Number(value) : 0;
      if (share < shareMin) {
        throw new ManifoldError("usage", `--share=${value} is not from ${shareMin} to 1`);
      }
      settings.share = share;
    },
  },
  {
    ...own,
    name: "congestion",
    takes: "text",
    placeholder: "HOW",
    choices: congestionWays,
    default: "measured",
    help: "choose how the rate is found",
    manual:
      "For cast and --datagrams. measured: by what comes through to the targets. fixed: it is that of --rate-max, for lines that nobody else is on.",
    apply: (settings, value) => {
      settings.congestion = oneOf(congestionWays, value, "congestion");
    },
  },
  {
    ...own,
    name: "ssm",
    takes: "nothing",
    help: "have targets take datagrams of this machine only",
    manual:
      "For cast: source-specific multicast, with groups from 232.77.0.0 or ff35:: on. Where switches and routers know it nobody else can send to the group.",
    apply: set("ssm", true),
  },
  {
    ...own,
    name: "mcast-loopback",
    negations: ["no-mcast-loopback"],
    takes: "nothing",
    default: "on",
    help: "send datagrams to targets on this machine, too",
    manual: "For cast.",
    apply: set("castLoopback", true),
    negate: set("castLoopback", false),
  },
  {
    ...own,
    name: "probe",
    takes: "nothing",
    help: "tell what the way to each target is like, and send no tree",
    manual:
      "For cast, without sources: which targets multicast reaches, how long a datagram and the word of it take (the least, the middle, 99 of 100), which lengths of datagrams arrive, what may wait in a target's kernel, how much room it has, how far its clock is off.",
    apply: set("castProbe", true),
  },
  {
    ...own,
    name: "slow",
    takes: "text",
    placeholder: "WAY",
    choices: slowWays,
    default: "evict",
    help: "what to do with targets that are slower than the others",
    manual:
      "For cast. evict: the others go on, and what it lacks it gets over its own connection. wait: all go as fast as the slowest. fail: it gets nothing more. Targets that say nothing or that no datagram reaches are never waited for.",
    apply: (settings, value) => {
      settings.castSlow = oneOf(slowWays, value, "slow");
    },
  },
  {
    ...own,
    name: "commit",
    takes: "text",
    placeholder: "WHEN",
    default: "each",
    help: "apply by each, by all once all have everything, or by quorum=N%",
    manual:
      "For cast. each: as soon as it has verified everything. all: when every target has; if one fails none applies anything. quorum=N%: when N percent of the targets have.",
    apply: store("castCommit"),
  },
  {
    ...own,
    name: "admit",
    takes: "number",
    placeholder: "NUM",
    help: "let targets come by themselves, and wait for NUM of them",
    manual:
      "For cast, besides --targets or without: it listens at port 8730 (--port, --address) for manifold catch --master, and begins when NUM have come, or the join window ends. Whoever comes later is served, too; if fewer than NUM have come in the end, the exit status tells. Keys are those of --serve-config, as for catch.",
    apply: (settings, value) => {
      settings.castAdmits = value === 0 ? 0 : upTo(1000, value, "admit");
    },
  },
  {
    ...own,
    name: "min-targets",
    takes: "text",
    placeholder: "NUM",
    help: "begin with NUM targets (or NUM% of them), or not at all",
    manual: "For cast: fewer than that when the join window ends, and nothing is sent.",
    apply: store("minTargets"),
  },
  {
    ...own,
    name: "join-window",
    takes: "number",
    placeholder: "SECONDS",
    default: "5; 60 for targets behind a remote shell",
    help: "wait so long for targets to come",
    manual:
      "For cast: all that are there then are sent to at once. Who comes later gets datagrams from then on, and what was sent before over its connection. A target whose connection broke may come back for as long.",
    apply: (settings, value) => {
      settings.joinWindow = value === 0 ? 0 : upTo(secondsMax, value, "join-window");
    },
  },
  {
    ...own,
    name: "report",
    takes: "text",
    placeholder: "FILE",
    help: "write how every target fared to FILE, as JSON",
    manual: "For cast; --retry-from reads it.",
    apply: store("castReport"),
  },
  {
    ...own,
    name: "retry-from",
    takes: "text",
    placeholder: "FILE",
    help: "cast to the targets that failed in the report FILE",
    manual: "For cast, in place of --targets: all that are not committed in what --report wrote.",
    apply: store("retryFrom"),
  },
  {
    ...own,
    name: "serve-config",
    takes: "text",
    placeholder: "FILE",
    default: "the configuration of manifold serve, if there is one",
    help: "take keys from this configuration",
    manual:
      'For catch, and for cast --admit: its "key file", "allowed keys" and "address" count, its modules do not. Without a configuration the key is beside where it would be, and so is allowed_keys, to which manifold key invite adds.',
    apply: store("catchConfig"),
  },
  {
    ...own,
    name: "master",
    takes: "text",
    placeholder: "HOST[:PORT]",
    help: "join the casts of this machine, instead of waiting for masters",
    manual:
      "For catch: nothing is listened to. As long as HOST has no cast that admits targets (manifold cast --admit), it tries again twice a second; what is under way is joined late, and what broke off again. The first time HOST's key is pinned, or asked about; HOST knows ours from manifold key invite there, and manifold key pair HOST here while a cast waits.",
    apply: store("catchMaster"),
  },
  {
    ...own,
    name: "discard",
    takes: "nothing",
    help: "verify what comes, and apply nothing",
    manual: "For catch: to try a network.",
    apply: set("discard", true),
  },
  {
    ...own,
    name: "once",
    takes: "nothing",
    help: "end after the first cast",
    manual: "For catch; the exit status is that of what was received.",
    apply: set("catchOnce", true),
  },
];
