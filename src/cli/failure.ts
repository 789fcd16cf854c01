// What ends a run before it has a reporter, or is a bug: in words on standard error, and as an exit
// status.

import {
  AssertionError,
  type ByteString,
  fromText,
  ManifoldError,
  toBytes,
} from "../base/index.ts";
import type { Personality } from "../options/index.ts";
import { writeDescriptor } from "../sync/index.ts";
import { earlyFailureLines } from "./output/index.ts";

/** Exit status of a bug, sysexits' "internal software error"; rsync has none. */
export const bugExit = 70;

/** Tells what stopped the program and returns its exit status. */
export function tellFailure(personality: Personality, error: unknown): number {
  writeDescriptor(2, toBytes(failureText(personality, error)));
  return error instanceof ManifoldError ? error.exit : bugExit;
}

function failureText(personality: Personality, error: unknown): ByteString {
  if (error instanceof ManifoldError) {
    const lines = earlyFailureLines(personality, fromText(error.message), error.exit);
    return lines.map((line) => `${line}\n`).join("");
  }
  const bug = error instanceof AssertionError ? "a broken assumption" : "an unexpected error";
  const stack = error instanceof Error ? error.stack : String(error);
  return fromText(`manifold: this is a bug: ${bug}\n${stack}\n`);
}
