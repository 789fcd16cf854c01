// The little that options must know about --out-format: which escapes it contains.
import type { ByteString } from "../../base/index.ts";

/** Says whether the format contains one of the escape letters (as in %i, %-10n, %'l). */
export function formatHas(format: ByteString, letters: string): boolean {
  for (const match of format.matchAll(/%'*-?\d*'*(.)/gs)) {
    if (letters.includes(match[1] ?? "")) return true;
  }
  return false;
}
