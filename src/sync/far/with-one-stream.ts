// Runs that have no more than one connection with each of their ends.

import type { Options } from "../../options/index.ts";

/** Returns the options of such a run, whatever was asked for. */
export function withOneStream(options: Options): Options {
  const words = options.remote.words.filter(
    (word) => !word.startsWith("--streams=") && word !== "--datagrams",
  );
  return {
    ...options,
    limits: { ...options.limits, streams: 1, datagrams: undefined },
    remote: { ...options.remote, words },
  };
}
