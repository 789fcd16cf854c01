// How long paths may be, and how longer ones than the system takes are cut.

import type { ByteString } from "../base/index.ts";

/** What one system call takes: Linux's PATH_MAX without the NUL. */
export const pathBytesMax = 4095;

/**
 * The longest path below a pinned directory. Such paths are followed in pieces, so trees may be deeper than a system call
 * could say; the number is arbitrary.
 */
export const walkBytesMax = 1 << 20;

/** Cuts a path at slashes into pieces that a system call takes; a name that is longer stays whole. */
export function cutPath(path: ByteString): ByteString[] {
  const pieces: ByteString[] = [];
  let rest = path;
  while (rest.length > pathBytesMax) {
    const slash = rest.lastIndexOf("/", pathBytesMax - 1);
    const end = slash > 0 ? slash : rest.indexOf("/", 1);
    if (end < 0) break;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).replace(/^\/+/, "");
  }
  return [...pieces, rest === "" ? "." : rest];
}
