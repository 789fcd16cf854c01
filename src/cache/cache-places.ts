// Where the caches of a user are: one file for each root, named by a digest of the root's path.

import { type ByteString, toBytes } from "../base/index.ts";
import { digestOf } from "../hash/index.ts";

/** Returns the user's directory for digests: below $XDG_CACHE_HOME, else ~/.cache; undefined without either. */
export function userCacheDirectory(
  variables: Readonly<Record<string, ByteString | undefined>>,
): ByteString | undefined {
  const { XDG_CACHE_HOME: cache, HOME: home } = variables;
  // The rules of XDG: a relative path does not count.
  const base = cache?.startsWith("/")
    ? cache
    : home?.startsWith("/")
      ? `${home}/.cache`
      : undefined;
  return base === undefined ? undefined : `${base}/manifold/digests`;
}

/** Returns the path of the file for a root, by its text alone: another way to write it is another file. */
export function cacheFile(directory: ByteString, root: ByteString): ByteString {
  const digest = digestOf("blake3", toBytes(root));
  return `${directory}/${Buffer.from(digest).toString("hex", 0, 16)}`;
}
