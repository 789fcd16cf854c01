// The answer to --version alone, in a bundle of its own that holds nothing else.

import { fromText, toBytes } from "../base/index.ts";
import { buildFacts, type Personality, versionText } from "../options/index.ts";
import { writeDescriptor } from "../sync/index.ts";
import { version } from "./version.ts";

/** Facts about this build. Linux's system calls are assumed, since trying them would cost more than the answer. */
export function factsHere(): ReturnType<typeof buildFacts> {
  return buildFacts(version, process.platform === "linux");
}

/** Prints the version. */
export function printVersion(personality: Personality): void {
  writeDescriptor(1, toBytes(fromText(versionText(personality, factsHere()))));
}
