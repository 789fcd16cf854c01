// Percent-encoding of paths (RFC 3986), on bytes: what a name means in any character set is nobody's
// business here.

import type { ByteString } from "../base/index.ts";

/** Bytes that stand for themselves in a segment of a path: unreserved characters, and none that a server could misread. */
const plain = /[^A-Za-z0-9\-._~/]/g;

/** Returns a path with everything escaped that is not plain; slashes stay. */
export function encodePath(path: ByteString): string {
  return path.replace(
    plain,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** Returns the bytes that are meant; a percent sign that begins no escape stands for itself. */
export function decodePercent(text: string): ByteString {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
