// Values that are one of a few words, or a number with an upper limit.
import { type ByteString, ManifoldError } from "../../base/index.ts";

/** Returns the value if it is one of the choices; throws a usage error otherwise. */
export function oneOf<Choice extends string>(
  choices: readonly Choice[],
  value: ByteString,
  option: string,
): Choice {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) {
    throw new ManifoldError("usage", `--${option}=${value} is not one of ${choices.join(", ")}`);
  }
  return choice;
}

/** Returns a number from 1 on; throws a usage error when it is too large. */
export function upTo(max: number, value: number, option: string): number {
  if (value >= 1 && value <= max) return value;
  throw new ManifoldError("usage", `--${option}=${value} is not from 1 to ${max}`);
}
