// Filter rules for an rsync server: it applies whatever it gets, so that rules for this end stay here.

import type { ByteString } from "../../base/index.ts";

/** Returns the rules that are sent to a server that sends, as texts. */
export function rulesForSender(rules: readonly ByteString[]): ByteString[] {
  return rules.filter((rule) => {
    const modifiers = modifiersOf(rule);
    return !modifiers.includes("r") || modifiers.includes("s");
  });
}

/** Returns those for a server that receives. `deleteExcluded`: rules that name no side are for the source alone. */
export function rulesForReceiver(
  rules: readonly ByteString[],
  deleteExcluded: boolean,
): ByteString[] {
  return rules.filter((rule) => {
    const modifiers = modifiersOf(rule);
    if (modifiers.includes("r")) return true;
    if (modifiers.includes("s")) return false;
    return !deleteExcluded || rule.startsWith(":") || rule.startsWith("!");
  });
}

function modifiersOf(rule: ByteString): ByteString {
  return rule.slice(1, rule.indexOf(" "));
}
