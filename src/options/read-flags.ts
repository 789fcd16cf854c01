// Flags applied to the settings as they are met, and what is remembered of them.
import type { ByteString } from "../base/index.ts";
import { ManifoldError } from "../base/index.ts";
import { farWord } from "./far-words.ts";
import type { Flag, FlagContext } from "./flag.ts";
import { flags } from "./flags/index.ts";
import type { Personality } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { type FlagIndex, indexFlags, type MetFlag, readArgv } from "./read-argv.ts";
import type { Settings } from "./settings.ts";
import { flagTitle } from "./title.ts";

/** Environment variables; parse() reads the RSYNC_ ones that set defaults, and POSIXLY_CORRECT. */
export type Variables = Readonly<Record<string, ByteString | undefined>>;

/** Every name of the table. */
export const flagIndex = indexFlags(flags);

/** Where the flags are met. */
export interface FlagSurroundings {
  readonly personality: Personality;
  readonly variables: Variables;
  readonly now: number;
}

/** What came of reading the flags. */
export interface ReadFlags {
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
export function readFlags(
  argv: readonly ByteString[],
  settings: Settings,
  { personality, variables, now }: FlagSurroundings,
  table: FlagIndex = flagIndex,
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

/** A flag's own name, or its letter. */
export function nameOf({ name, short }: Flag): string {
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
