// From argv to what to do: the one entrance of this room.
import { type ByteString, type Clock, ManifoldError, systemClock } from "../base/index.ts";
import { flags } from "./flags/index.ts";
import { withHint } from "./hint.ts";
import { initialSettings } from "./initial-settings.ts";
import { notYet } from "./not-yet.ts";
import type { Options, Personality } from "./options.ts";
import { readDaemonFlags } from "./parse-daemon.ts";
import type { Parsed } from "./parsed.ts";
import { type FlagSurroundings, nameOf, readFlags, type Variables } from "./read-flags.ts";
import { resolveCapture } from "./resolve/capture.ts";
import { namesTargets } from "./resolve/cast.ts";
import { resolve } from "./resolve/resolve.ts";
import type { Settings } from "./settings.ts";
import { refuseForeignFlags } from "./stage-refusals.ts";
import { flagTitle } from "./title.ts";
import { remotePlace } from "./values/host.ts";
import { findVerb } from "./verbs.ts";

/**
 * Returns what the command line asks for.
 *
 * `argv` is what follows the program's name, as byte strings. Throws a ManifoldError: "usage" for
 * a wrong command line (in rsync's words, without the program's name in front; as manifold with a
 * hint behind them), "not-yet" for what waits for a later capability, "unsupported" and
 * "protocol-version" as rsync does.
 */
export function parse(
  argv: readonly ByteString[],
  personality: Personality,
  variables: Variables,
  clock: Pick<Clock, "wallTime"> = systemClock,
): Parsed {
  const [verb, ...rest] = argv;
  try {
    if (personality === "manifold" && (verb === "serve" || verb === "key")) {
      return readDaemonFlags(rest, { personality, variables, now: clock.wallTime() }, verb);
    }
    return parseArguments(argv, personality, variables, clock);
  } catch (error) {
    throw personality === "manifold" ? withHint(error) : error;
  }
}

function parseArguments(
  argv: readonly ByteString[],
  personality: Personality,
  variables: Variables,
  clock: Pick<Clock, "wallTime">,
): Parsed {
  const verb = personality === "manifold" ? findVerb(argv[0]) : undefined;
  const rest = verb === undefined ? argv : argv.slice(1);
  if (verb?.name === "help") return { kind: "help", topic: rest[0], exit: 0 };
  const settings = initialSettings(personality, verb?.name ?? "sync");
  const around = { personality, variables, now: clock.wallTime() };
  const read = readFlags(rest, settings, around);
  if (read.daemon) return readDaemonFlags(rest, around);
  if (read.result !== undefined) return read.result;
  if (settings.version > 0 || verb?.name === "version") return versionOf(settings);
  if (rest.length === 1 && settings.humanReadable > 1) return help(0);
  if (verb?.status === "planned") throw notYet(`manifold ${verb.name}`, verb.waitsFor ?? "");
  if (read.planned !== undefined) {
    throw notYet(flagTitle(read.planned), read.planned.waitsFor ?? "");
  }
  const { places } = read;
  const given = flags.filter((flag) => settings.given.has(nameOf(flag)));
  refuseForeignFlags(verb?.name ?? "sync", given);
  if (verb?.name === "cache") return { kind: "cache", words: places };
  if (verb?.places !== undefined) {
    const options = resolve({
      settings,
      targetSettings: settings,
      places,
      personality,
      variables,
      verb,
    });
    return { kind: "run", verb: verb.name, options };
  }
  if (verb?.name === "cast") {
    return {
      kind: "run",
      verb: "cast",
      options: castOptions(settings, places, personality, variables),
    };
  }
  if (verb?.name === "sources") {
    const asked = { settings, targetSettings: settings, places, personality, variables };
    return { kind: "run", verb: "sources", options: resolve({ ...asked, verb }) };
  }
  if (places.length === 0) return help(1);
  if (settings.readBatch !== undefined) {
    const options = resolveBatch(settings, places, personality, variables);
    return { kind: "run", verb: verb?.name ?? "sync", options };
  }
  if (settings.filesFrom !== undefined && places.length !== 2) return badListUse(personality);
  const targetSettings = farSettings(settings, around);
  const options = resolve({ settings, targetSettings, places, personality, variables });
  return { kind: "run", verb: verb?.name ?? "sync", options };
}

/** The targets of a cast are in its options: all its arguments are sources. */
function castOptions(
  settings: Settings,
  places: readonly ByteString[],
  personality: Personality,
  variables: Variables,
): Options {
  const { changesetFile } = settings;
  if (!namesTargets(settings)) {
    throw new ManifoldError(
      "usage",
      "A cast needs --targets, --targets-file, --retry-from or --admit.",
    );
  }
  if (settings.castProbe && (places.length > 0 || changesetFile !== undefined)) {
    throw new ManifoldError("usage", "--probe looks at the ways to targets, and sends nothing.");
  }
  if ((places.length === 0) !== (changesetFile !== undefined || settings.castProbe)) {
    throw new ManifoldError("usage", "A cast has sources, or --changeset, and not both.");
  }
  const all = [...(places.length === 0 ? ["."] : places), "."];
  return resolve({ settings, targetSettings: settings, places: all, personality, variables });
}

/** A batch brings what its sources had, so that the only argument is the target. */
function resolveBatch(
  settings: Settings,
  places: readonly ByteString[],
  personality: Personality,
  variables: Variables,
): Options {
  resolveCapture(settings);
  if (places.length !== 1) {
    throw new ManifoldError("usage", "--read-batch takes one argument, the destination");
  }
  if (remotePlace(places[0] ?? "", personality === "manifold") !== undefined) {
    throw new ManifoldError("usage", "remote destination is not allowed with --read-batch");
  }
  const all = { links: true, devices: true, specials: true, recurse: "explicit" } as const;
  Object.assign(settings, all);
  const verb = findVerb("receive");
  const asked = { settings, targetSettings: settings, places, personality, variables };
  return resolve(verb === undefined ? asked : { ...asked, verb });
}

function badListUse(personality: Personality): Parsed {
  if (personality === "manifold-rsync") return help(1);
  throw new ManifoldError("usage", "--files-from goes with one source and one destination");
}

function versionOf({ version }: Settings): Parsed {
  return { kind: version > 1 ? "version-json" : "version" };
}

function help(exit: 0 | 1): Parsed {
  return { kind: "help", topic: undefined, exit };
}

/** Returns the settings of the far end: the same, changed by the -M options. */
function farSettings(settings: Settings, around: FlagSurroundings): Settings {
  if (settings.remoteOptions.length === 0) return settings;
  const far = structuredClone(settings);
  for (const option of settings.remoteOptions) {
    try {
      readFlags([option], far, around);
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      throw new ManifoldError(error.code, `on remote machine: ${error.message}`);
    }
  }
  return far;
}
