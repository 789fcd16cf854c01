// The little that options must know about --out-format: which escapes it contains.
import type { ByteString } from "../../base/index.ts";

/** As in %i, %-10n, %'l. rsync takes at most 23 characters of sign and digits as a width. */
const escapePattern = /%'*(?:-\d{0,22}|\d{0,23})'*(.)/gs;

/** Says whether the format contains one of the escape letters. */
export function formatHas(format: ByteString, letters: string): boolean {
  for (const match of format.matchAll(escapePattern)) {
    if (letters.includes(match[1] ?? "")) return true;
  }
  return false;
}
