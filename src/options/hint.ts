// Where to read on after a wrong command line: manifold's own addition to rsync's terse messages.
import { ManifoldError } from "../base/index.ts";
import { flags } from "./flags/index.ts";
import { longNames } from "./read-argv.ts";

/** Typing errors that a name may have and still be taken for another. */
const slipsMax = 2;
/** What is shorter is like too many names. */
const guessLengthMin = 3;

/** Returns a usage error with a hint after its message; any other error as it is. */
export function withHint(error: unknown): unknown {
  if (!(error instanceof ManifoldError) || error.code !== "usage") return error;
  const hint = hintFor(error.message);
  if (hint === undefined) return error;
  return new ManifoldError("usage", `${error.message}; ${hint}`, { cause: error });
}

/** Messages about an option begin with it. */
function hintFor(message: string): string | undefined {
  const option = /^--?([\w@-]+)/.exec(message)?.[1];
  if (option === undefined) return undefined;
  if (!message.endsWith(": unknown option")) return `see manifold help --${option}`;
  const guess = message.startsWith("--") ? nearestName(option) : undefined;
  return guess === undefined ? "see manifold --help" : `did you mean --${guess}?`;
}

/** Returns the name that somebody may have meant: one that begins like this, or is spelled almost so. */
function nearestName(word: string): string | undefined {
  if (word.length < guessLengthMin) return undefined;
  const names = flags
    .filter(({ hidden }) => hidden !== true)
    .flatMap((flag) => [...longNames(flag), ...(flag.negations ?? [])]);
  const begun = names.find((name) => name.startsWith(word));
  if (begun !== undefined) return begun;
  const scored = names
    .map((name) => ({ name, slips: slipsBetween(word, name) }))
    .filter(({ slips }) => slips <= slipsMax)
    .sort((a, b) => a.slips - b.slips);
  return scored[0]?.name;
}

/** Levenshtein's distance: letters to change, add or drop. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
