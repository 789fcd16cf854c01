// What another manifold tells the far end of its run, which may be told less than whoever sits at this machine.
import { type ByteString, type Clock, systemClock } from "../base/index.ts";
import { farWord, namesOwnFile } from "./far-words.ts";
import type { Options, Personality } from "./options.ts";
import { type MetFlag, readArgv } from "./read-argv.ts";
import { flagIndex } from "./read-flags.ts";
import { refusal, refusedOptions } from "./refused-options.ts";
import { resolveFarEnd } from "./resolve-far-end.ts";

/** This end's own rules are sent in another way; --remote-option has more for the other end. */
const ruleOptions = new Set(["exclude", "exclude-from", "include", "include-from", "filter"]);

/** What the other end of a run was told. */
export interface FarRequest {
  /** As far-words.ts makes them. */
  readonly words: readonly ByteString[];
  /** What this end adds. */
  readonly ownWords: readonly ByteString[];
  /** On this machine, whatever they look like. */
  readonly places: readonly ByteString[];
  /** Options that are refused, as rsync's "refuse options" names them; undefined = whoever asks may do all that we may. */
  readonly refused: readonly ByteString[] | undefined;
}

/** Returns the options of a run's other end, which another manifold tells it. Throws as parse() does. */
export function parseFar(
  { words, ownWords, places, refused }: FarRequest,
  personality: Personality,
  clock: Pick<Clock, "wallTime"> = systemClock,
): Options {
  if (refused !== undefined) refuseWords(words, refused);
  return resolveFarEnd([...words, ...ownWords], places, personality, clock, "The other end");
}

/** Throws when somebody who may not do everything gives an option that is refused, or that an other end is never told. */
function refuseWords(words: readonly ByteString[], refused: readonly ByteString[]): void {
  const isRefused = refusedOptions(refused);
  const visit = (met: MetFlag): undefined => {
    const isRule = ruleOptions.has(met.flag.name ?? "");
    const isTold = isRule || (farWord(met) !== undefined && !namesOwnFile(met));
    if (isTold && !isRefused(met.flag)) return;
    throw refusal(met);
  };
  readArgv(words, { index: flagIndex, posixOrder: false, visit });
}
