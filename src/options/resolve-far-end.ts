// The options of an end of somebody else's run: words that were checked before, and places that are on this machine,
// whatever they look like.

import { type ByteString, type Clock, ManifoldError } from "../base/index.ts";
import { initialSettings } from "./initial-settings.ts";
import type { Options, Personality } from "./options.ts";
import { readFlags } from "./read-flags.ts";
import { resolve } from "./resolve/resolve.ts";

/** Returns them. Throws as parse() does, and where the words ask `who` for something else than a run. */
export function resolveFarEnd(
  words: readonly ByteString[],
  places: readonly ByteString[],
  personality: Personality,
  clock: Pick<Clock, "wallTime">,
  who: string,
): Options {
  const settings = initialSettings(personality, "sync");
  const variables = {};
  const read = readFlags([...words], settings, { personality, variables, now: clock.wallTime() });
  const isRun = read.result === undefined && !read.daemon && read.places.length === 0;
  if (!isRun || read.planned !== undefined || places.length < 2) {
    throw new ManifoldError("usage", `${who} asks for something that is no run`);
  }
  const common = { settings, targetSettings: settings, places, personality, variables };
  return resolve({ ...common, isFarEnd: true });
}
