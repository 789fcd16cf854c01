// The texts that replace a run: version, help, manual page, completions.

import { buildFacts, type Parsed, type Personality, textOf } from "../options/index.ts";
import { version } from "./version.ts";

/** Prints what was asked for and returns the exit status. */
export function printText(
  personality: Personality,
  parsed: Exclude<Parsed, { kind: "run" }>,
): number {
  // Loading the system calls to see whether they are there would cost more than the whole answer.
  const systemCalls = process.platform === "linux";
  const text = textOf(parsed, personality, buildFacts(version, systemCalls));
  const exit = parsed.kind === "help" ? parsed.exit : 0;
  (exit === 0 ? process.stdout : process.stderr).write(text);
  return exit;
}
