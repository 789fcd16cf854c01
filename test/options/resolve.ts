// Shorthands of the tests: options of a command line, and the message of a wrong one.
import assert from "node:assert/strict";
import { ManifoldError } from "../../src/base/index.ts";
import { type Options, type Personality, parse, type Variables } from "../../src/options/index.ts";

/** Where and when a command line is read. */
export interface Reading {
  readonly personality?: Personality;
  readonly variables?: Variables;
  readonly now?: number;
}

/** Returns the options of a run of manifold-rsync (or another personality). */
export function optionsOf(argv: readonly string[], reading: Reading = {}): Options {
  const parsed = read(argv, reading);
  assert.equal(parsed.kind, "run", JSON.stringify(argv));
  assert.ok(parsed.kind === "run");
  return parsed.options;
}

/** Parses with defaults for what a test does not care about. */
export function read(argv: readonly string[], reading: Reading = {}): ReturnType<typeof parse> {
  const { personality = "manifold-rsync", variables = {}, now = 0 } = reading;
  return parse(argv, personality, variables, { wallTime: () => now });
}

/** Returns the options when "src/ dst/" follows. */
export function copyOptions(argv: readonly string[], reading: Reading = {}): Options {
  return optionsOf([...argv, "src/", "dst/"], reading);
}

/** Returns the error that a command line causes. */
export function errorOf(argv: readonly string[], reading: Reading = {}): ManifoldError {
  try {
    read(argv, reading);
  } catch (error) {
    assert.ok(error instanceof ManifoldError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `${JSON.stringify(argv)} is accepted` });
}
