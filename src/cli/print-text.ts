// The texts that replace a run: version, help, manual page, completions. A bundle of its own, so
// that no run has to read them.

import { fromText, toBytes } from "../base/index.ts";
import { type Parsed, type Personality, textOf } from "../options/index.ts";
import { writeDescriptor } from "../sync/index.ts";
import { tellFailure } from "./failure.ts";
import { factsHere } from "./print-version.ts";
import { writeText } from "./write-text.ts";

/** Prints what was asked for and returns the exit status. */
export async function printText(
  personality: Personality,
  parsed: Exclude<Parsed, { kind: "run" }>,
): Promise<number> {
  try {
    const text = textOf(parsed, personality, factsHere());
    const exit = parsed.kind === "help" ? parsed.exit : 0;
    if (exit === 0) writeText(text);
    else writeDescriptor(2, toBytes(fromText(text)));
    return exit;
  } catch (error) {
    return tellFailure(personality, error);
  }
}
