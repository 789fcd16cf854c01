// Filter rules that an rsync client sends to the server that it has started.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";

/** Returns the options with rules that a client has sent behind them. */
export function withRules(options: Options, rules: readonly ByteString[]): Options {
  const sent = rules.map((value) => ({ kind: "filter" as const, value }));
  return { ...options, filterRules: [...options.filterRules, ...sent] };
}
