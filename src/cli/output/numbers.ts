// Numbers as rsync writes them. Its `human_readable` level decides: 0 plain digits, 1 groups of
// three (the default), 2 units of 1000, 3 and more units of 1024. Counts of things never get units.

const unitLetters = ["K", "M", "G", "T", "P"];

/** Returns a whole number of bytes at the level. */
export function formatNumber(value: number, level: number): string {
  const mult = level > 1 ? (level === 2 ? 1000 : 1024) : 0;
  if (mult > 0 && Math.abs(value) >= mult) {
    let scaled = Math.abs(value) / mult;
    let unit = 0;
    while (scaled >= mult && unit < unitLetters.length - 1) {
      scaled /= mult;
      unit++;
    }
    return `${value < 0 ? "-" : ""}${fixed(scaled, 2)}${unitLetters[unit]}`;
  }
  return level > 0 ? group(value) : String(value);
}

/** Returns a count of things: grouped unless the level is 0, never with units. */
export function formatCount(value: number, level: number): string {
  return level > 0 ? group(value) : String(value);
}

/** Returns a number with a fraction; units (levels 2, 3) replace the fraction. */
export function formatDecimal(value: number, level: number, digits: number): string {
  const text = fixed(value, digits);
  if (level === 0 || Math.abs(value) < 1000) return text;
  const whole = formatNumber(Math.trunc(value), level);
  return /[A-Z]$/.test(whole) ? whole : whole + text.slice(text.length - digits - 1);
}

/** Returns a number with a fraction that never gets units. */
export function formatCountDecimal(value: number, level: number, digits: number): string {
  return formatDecimal(value, level === 0 ? 0 : 1, digits);
}

function group(value: number): string {
  const digits = String(Math.abs(value));
  if (digits.length <= 3) return String(value);
  return (value < 0 ? "-" : "") + digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * Returns C's "%.*f". Differs from toFixed only in exact ties, which C rounds to the even digit:
 * 1125 / 1000 is 1.12 in C and "1.13" by toFixed.
 */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const exact = value.toFixed(20);
  const rest = exact.slice(exact.indexOf(".") + 1 + digits);
  if (!/^50*$/.test(rest) || digits === 0) return text;
  const kept = exact.slice(0, exact.length - rest.length);
  return Number(kept[kept.length - 1]) % 2 === 0 ? kept : text;
}
