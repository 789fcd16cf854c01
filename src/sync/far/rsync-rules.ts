// Filter rules for an rsync server that sends: it applies whatever it gets, so that rules for the target stay here.

import type { ByteString } from "../../base/index.ts";

/** Returns the rules that are sent, as texts. */
export function rulesForSender(rules: readonly ByteString[]): ByteString[] {
  return rules.filter((rule) => {
    const modifiers = rule.slice(1, rule.indexOf(" "));

    return !modifiers.includes("r") || modifiers.includes("s");
  });
}
