// The texts that replace a run: version, help, manual page, completions. A bundle of its own, so
// that no run has to read them.

import { type ByteString, fromText, toBytes } from "../base/index.ts";
import { type Personality, type TextResult, textOf } from "../options/index.ts";
import { writeDescriptor } from "../sync/index.ts";
import { tellEarlySummary } from "./early-summary.ts";
import { tellFailure } from "./failure.ts";
import { factsHere } from "./print-version.ts";
import { writeText } from "./write-text.ts";

/** Prints what was asked for, or how to ask for something, and returns the exit status. */
export async function printText(
  personality: Personality,
  parsed: TextResult,
  argv: readonly ByteString[],
): Promise<number> {
  try {
    const text = textOf(parsed, personality, factsHere());
    const exit = parsed.kind === "help" ? parsed.exit : 0;
    if (exit === 0) {
      writeText(text);
      return exit;
    }
    writeDescriptor(2, toBytes(fromText(text)));
    if (personality === "manifold")
      tellEarlySummary(argv, { exit, failure: "source and destination are missing" });
    return exit;
  } catch (error) {
    return tellFailure(personality, error);
  }
}
