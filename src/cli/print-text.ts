// The texts that replace a run: version, help, completions.

import type { Parsed, Personality } from "../options/index.ts";

/** Prints what was asked for and returns the exit status. */
export async function printText(
  personality: Personality,
  parsed: Exclude<Parsed, { kind: "run" }>,
): Promise<number> {
  process.stdout.write(`${personality} 0.1.0 ${parsed.kind}\n`);
  return parsed.kind === "help" ? parsed.exit : 0;
}
