// The answer to --version alone, in a bundle of its own that holds nothing else.

import { buildFacts, type Personality, versionText } from "../options/index.ts";
import { expectsSystemCalls, spokenCompressions } from "../sync/index.ts";
import { version } from "./version.ts";
import { writeText } from "./write-text.ts";

/** Facts about this build. System calls are only looked for: loading them would cost more than the answer. */
export function factsHere(): ReturnType<typeof buildFacts> {
  return buildFacts(version, expectsSystemCalls(), spokenCompressions());
}

/** Prints the version and returns the exit status. */
export async function printVersion(personality: Personality): Promise<number> {
  try {
    writeText(versionText(personality, factsHere()));
    return 0;
  } catch (error) {
    const { tellFailure } = await import("./failure.ts");
    return tellFailure(personality, error);
  }
}
