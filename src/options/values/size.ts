// Sizes as people write them, and how limits are written back in messages.
//
// The form is rsync's (documented under --max-size): a decimal number, a unit letter (B K M G T P),
// "B" after the letter for powers of 1000 or "iB" for powers of 1024 (the default), and +1 or -1
// to go one byte past. Sizes are JavaScript numbers: beyond 2^53 they are rounded.
import { type ByteString, ManifoldError } from "../../base/index.ts";

/** What a size may be. */
export interface SizeRule {
  /** The option's long name, for messages. */
  readonly option: string;
  /** The unit of a bare number. */
  readonly unit: "B" | "K";
  /** The smallest size allowed. */
  readonly min: number;
  /** The largest size allowed; undefined = what a file can have. */
  readonly max?: number;
  /** Zero is allowed below the minimum and means no limit. */
  readonly zeroIsUnlimited?: boolean;
}

const units = "BKMGTP";
const largestSize = 2 ** 63;
const sizeForm = /^(\d*(?:\.\d*)?)(?:([bkmgtp])(b|ib)?)?([+-]1)?$/i;

/** Returns the bytes that the text asks for; throws a usage error with rsync's wording. */
export function parseSize(text: ByteString, rule: SizeRule): number {
  const match = sizeForm.exec(text);
  if (match === null || /^[+-]/.test(text)) {
    // rsync calls a negative number too large.
    throw sizeError(text, rule, Number.parseFloat(text) < 0 ? "too large" : "invalid");
  }
  const [, digits = "", letter = rule.unit, suffix = "", nudge = ""] = match;
  const base = suffix.toLowerCase() === "b" ? 1000 : 1024;
  const number = digits === "" || digits === "." ? 0 : Number(digits);
  const size =
    Math.trunc(number * base ** units.indexOf(letter.toUpperCase())) + Number(nudge || 0);
  if (size < 0 || size >= largestSize || (rule.max !== undefined && size > rule.max)) {
    throw sizeError(text, rule, "too large");
  }
  if (size < rule.min && !(size === 0 && rule.zeroIsUnlimited)) {
    throw sizeError(text, rule, "too small");
  }
  return size;
}

function sizeError(text: ByteString, rule: SizeRule, fault: string): ManifoldError {
  let limit = "";
  if (fault === "too small") {
    const unlimited = rule.zeroIsUnlimited ? " or 0 for unlimited" : "";
    limit = ` (min: ${formatBinarySize(rule.min)}${unlimited})`;
  } else if (fault === "too large" && rule.max !== undefined) {
    limit = ` (max: ${formatBinarySize(rule.max)})`;
  }
  return new ManifoldError("usage", `--${rule.option}=${text} is ${fault}${limit}`);
}

/** Writes a size in units of 1024 with two decimals ("1.00M"), or as it is below 1024. */
export function formatBinarySize(bytes: number): string {
  let power = 0;
  let value = bytes;
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024;
    power++;
  }
  return power === 0 ? String(bytes) : `${value.toFixed(2)}${units[power]}`;
}
