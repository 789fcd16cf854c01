// Which names and paths of a stranger's catalog are taken: only those that lie below the root whatever is
// done with them.

import { type ByteString, ManifoldError, toText } from "../base/index.ts";
import { isStateName } from "../tree/index.ts";

/** Bytes of a name on every file system that we know. */
export const nameBytesMax = 255;
/** Bytes of a path that a system call takes (PATH_MAX, without the NUL). */
export const pathBytesMax = 4095;

/** Says whether it is one name: no slash, no NUL, neither "." nor "..", not empty, not too long. */
export function isSafeName(name: ByteString): boolean {
  return (
    name !== "" &&
    name !== "." &&
    name !== ".." &&
    name.length <= nameBytesMax &&
    !name.includes("/") &&
    !name.includes("\0")
  );
}

/** Returns a relative path without "./" in front of it, or undefined when a part of it is no safe name. */
export function safePath(written: ByteString): ByteString | undefined {
  const path = written.replace(/^(\.\/+)+/, "");
  if (path.length > pathBytesMax) return undefined;
  return path.split("/").every(isSafeName) ? path : undefined;
}

/** Returns a safe relative path; a catalog that names another one is refused as a whole: somebody made it so. */
export function requireSafePath(written: ByteString, catalog: string): ByteString {
  const path = safePath(written);
  if (path !== undefined) return path;
  const shown = toText(written.slice(0, nameBytesMax));
  throw new ManifoldError(
    "protocol-data",
    `${catalog} names ${JSON.stringify(shown)}, which is no path below it`,
  );
}

/** Says whether a path lies in a directory of manifold's own, which no listing shows (promise P2). */
export function isStatePath(path: ByteString): boolean {
  return path.split("/").some(isStateName);
}
