// Sizes as people read them: "123", "1.2M", "12 KiB".

/** A size, and how far the true one may be from it. */
export interface WrittenSize {
  readonly bytes: number;
  /** 0 = exact. */
  readonly slack: number;
}

const units = "KMGTPE";

/**
 * Parses a size. Without a unit it is exact; with one, the true size is within one of the last digit written: some
 * servers round, some cut off, and some count kilobytes of 1000 bytes (as much as another twentieth in the first unit).
 */
export function parseSize(text: string): WrittenSize | undefined {
  const found = /^(\d{1,15})(?:\.(\d{1,3}))? ?(?:([KMGTPE])(?:i?B)?|B|bytes)?$/i.exec(text.trim());
  if (found === null) return undefined;
  const [, whole = "", fraction = "", unit] = found;
  if (unit === undefined) return fraction === "" ? { bytes: Number(whole), slack: 0 } : undefined;
  const scale = 1024 ** (units.indexOf(unit.toUpperCase()) + 1);
  const bytes = Math.round(Number(`${whole}.${fraction || "0"}`) * scale);
  return { bytes, slack: Math.ceil(scale / 10 ** fraction.length + bytes * decimalShare(unit)) };
}

/** How much larger 1024 to a power is than 1000 to it. */
function decimalShare(unit: string): number {
  return 1 - (1000 / 1024) ** (units.indexOf(unit.toUpperCase()) + 1);
}
