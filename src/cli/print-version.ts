// The answer to --version alone, in a bundle of its own that holds nothing else.

import { fromText, toBytes } from "../base/index.ts";
import { buildFacts, type Personality, versionText } from "../options/index.ts";
import { expectsSystemCalls, writeDescriptor } from "../sync/index.ts";
import { version } from "./version.ts";

/** Facts about this build. System calls are only looked for: loading them would cost more than the answer. */
export function factsHere(): ReturnType<typeof buildFacts> {
  return buildFacts(version, expectsSystemCalls());
}

/** Prints the version. */
export function printVersion(personality: Personality): void {
  writeDescriptor(1, toBytes(fromText(versionText(personality, factsHere()))));
}
