// From argv to what to do: the one entrance of this room.
import { type ByteString, type Clock, ManifoldError, systemClock } from "../base/index.ts";
import { farWord } from "./far-words.ts";
import type { Flag, FlagContext } from "./flag.ts";
import { daemonFlags, flags } from "./flags/index.ts";
import { withHint } from "./hint.ts";
import { initialSettings } from "./initial-settings.ts";
import { notYet } from "./not-yet.ts";
import type { Options, Personality } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { type FlagIndex, indexFlags, type MetFlag, readArgv } from "./read-argv.ts";
import { resolveCapture } from "./resolve/capture.ts";
import { resolve } from "./resolve/resolve.ts";
import type { Settings } from "./settings.ts";
import { refuseForeignFlags } from "./stage-refusals.ts";
import { flagTitle } from "./title.ts";
import { findVerb } from "./verbs.ts";

/** Environment variables; parse() reads the RSYNC_ ones that set defaults, and POSIXLY_CORRECT. */
export type Variables = Readonly<Record<string, ByteString | undefined>>;

const index = indexFlags(flags);
const daemonIndex = indexFlags(daemonFlags);

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
  try {
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
  if (settings.version > 0) return { kind: settings.version > 1 ? "version-json" : "version" };
  if (rest.length === 1 && settings.humanReadable > 1) return help(0);
  if (verb?.status === "planned") throw notYet(`manifold ${verb.name}`, verb.waitsFor ?? "");
  if (read.planned !== undefined) {
    throw notYet(flagTitle(read.planned), read.planned.waitsFor ?? "");
  }
  const { places } = read;
  if (settings.undo !== undefined && verb?.name !== "receive") {
    throw notYet("--undo without the verb receive", "changesets and remote ends");
  }
  if (verb?.places !== undefined) {
    const given = flags.filter((flag) => settings.given.has(nameOf(flag)));
    refuseForeignFlags(verb.name, given);
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

/**
 * Returns the options of a run's other end, which another manifold tells it: `words` as far-words.ts makes them, `places`
 * on this machine whatever they look like. Throws as parse() does.
 */
export function parseFar(
  {
    words,
    places,
  }: { readonly words: readonly ByteString[]; readonly places: readonly ByteString[] },
  personality: Personality,
  clock: Pick<Clock, "wallTime"> = systemClock,
): Options {
  const settings = initialSettings(personality, "sync");
  const variables = {};
  const read = readFlags(words, settings, { personality, variables, now: clock.wallTime() });
  const isRun = read.result === undefined && !read.daemon && read.places.length === 0;
  if (!isRun || read.planned !== undefined || places.length < 2) {
    throw new ManifoldError("usage", "The other end asks for something that is no run");
  }
  return resolve({
    settings,
    targetSettings: settings,
    places,
    personality,
    variables,
    isFarEnd: true,
  });
}

function help(exit: 0 | 1): Parsed {
  return { kind: "help", topic: undefined, exit };
}

/** Where the flags are met. */
interface Surroundings {
  readonly personality: Personality;
  readonly variables: Variables;
  readonly now: number;
}

/** What came of reading the flags. */
interface ReadFlags {
  /** The arguments that are no flags. */
  readonly places: readonly ByteString[];
  /** Set by flags that replace the run by a text. */
  readonly result: Parsed | undefined;
  /** A flag said that the whole command line is the daemon's. */
  readonly daemon: boolean;
  /** The first flag that cannot work yet. */
  readonly planned: Flag | undefined;
}

/** Applies flags to the settings as they are met. */
function readFlags(
  argv: readonly ByteString[],
  settings: Settings,
  { personality, variables, now }: Surroundings,
  table: FlagIndex = index,
): ReadFlags {
  let result: Parsed | undefined;
  let daemon = false;
  let planned: Flag | undefined;
  const context: FlagContext = {
    personality,
    now,
    finish: (text) => {
      result = text;
    },
    enterDaemonMode: () => {
      daemon = true;
    },
  };
  const visit = (met: MetFlag) => {
    refuseImpossible(met, personality);
    apply(met, settings, context);
    if (met.flag.status === "planned" && !met.negated) planned ??= met.flag;
    if (!met.negated) settings.given.add(nameOf(met.flag));
    if (isReplayed(met)) settings.replay.push(written(met));
    const word = farWord(met);
    if (word !== undefined) settings.farWords.push(word);
    if (isIdle(met)) settings.idle.add(`--${met.flag.name}`);
    return result !== undefined || daemon ? "stop" : undefined;
  };
  const posixOrder = ["POSIXLY_CORRECT", "POSIX_ME_HARDER"].some(
    (name) => variables[name] !== undefined,
  );
  const places = readArgv(argv, { index: table, posixOrder, visit });
  return { places, result, daemon, planned };
}

function refuseImpossible({ flag, negated }: MetFlag, personality: Personality): void {
  if (flag.status !== "impossible" || negated) return;
  if (personality === "manifold-rsync") {
    const letter = flag.short === undefined ? "" : ` (-${flag.short})`;
    throw new ManifoldError("usage", `This rsync does not support --${flag.name}${letter}`);
  }
  throw new ManifoldError("unsupported", `${flagTitle(flag)} is not possible: ${flag.waitsFor}`);
}

function nameOf({ name, short }: Flag): string {
  return name ?? short ?? "";
}

const notReplayed = new Set([
  ...["files-from", "from0", "write-batch", "only-write-batch", "read-batch", "tee"],
  ...["remove-source-files", "relative", "json", "log-file"],
]);

/** Says whether replaying a recording takes this option, too: filters and lists have done their part. */
function isReplayed({ flag }: MetFlag): boolean {
  return flag.category !== "filters" && !notReplayed.has(flag.name ?? "");
}

/** The option as one argument. */
function written({ flag, negated, argument, value }: MetFlag): ByteString {
  if (negated) return argument;
  const shows = value === undefined ? "" : value;
  if (flag.name === undefined) return `-${flag.short}${shows}`;
  return value === undefined ? `--${flag.name}` : `--${flag.name}=${shows}`;
}

/** Says whether the option is understood and can do nothing between two directories of one machine. */
function isIdle({ flag, negated }: MetFlag): boolean {
  const isTold = flag.origin === "rsync" && flag.hidden !== true && flag.name !== undefined;
  return flag.status === "accepted" && isTold && !negated;
}

function apply(
  { flag, negated, value, number }: MetFlag,
  settings: Settings,
  to: FlagContext,
): void {
  if (negated) flag.negate?.(settings, to);
  else if (flag.takes === "nothing") flag.apply(settings, to);
  else if (flag.takes === "number") flag.apply(settings, number, to);
  else if (flag.takes === "maybe-text") flag.apply(settings, value, to);
  else flag.apply(settings, value ?? "", to);
}

/** Returns the settings of the far end: the same, changed by the -M options. */
function farSettings(settings: Settings, around: Surroundings): Settings {
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

/** Reads the whole command line as a daemon's. */
function readDaemonFlags(argv: readonly ByteString[], around: Surroundings): Parsed {
  const program = around.personality === "manifold" ? "manifold" : "rsync";
  const hint = `(Type "${program} --daemon --help" for assistance with daemon mode.)`;
  const settings = initialSettings(around.personality, "sync");
  let result: Parsed | undefined;
  try {
    ({ result } = readFlags(argv, settings, around, daemonIndex));
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    const mode = error.message.includes("--dparam value") ? "" : " (in daemon mode)";
    throw new ManifoldError(error.code, `${error.message}${mode}\n${hint}`);
  }
  if (result !== undefined) return result;
  if (!settings.daemon) {
    throw new ManifoldError("usage", `Daemon option(s) used without --daemon.\n${hint}`);
  }
  throw notYet("--daemon", "the daemon");
}
