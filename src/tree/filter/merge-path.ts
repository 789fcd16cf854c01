// Paths of merge files: plain text work on slash-separated byte strings.

import type { ByteString } from "../../base/index.ts";

/**
 * Returns the path without empty and "." elements, and with every ".." taken together with the
 * element before it. A leading ".." stays in a relative path and vanishes at the root.
 */
export function cleanPath(path: ByteString): ByteString {
  const absolute = path.startsWith("/");
  const kept: ByteString[] = [];
  for (const element of path.split("/")) {
    if (element === "" || element === ".") continue;
    const last = kept[kept.length - 1];
    if (element !== "..") kept.push(element);
    else if (last !== undefined && last !== "..") kept.pop();
    else if (!absolute) kept.push(element);
  }
  return (absolute ? "/" : "") + kept.join("/");
}

/** Returns the path of a directory, cleaned, with one slash at its end ("/" for the root). */
export function directoryPrefix(path: ByteString): ByteString {
  const clean = cleanPath(path);
  return clean.endsWith("/") ? clean : `${clean}/`;
}

/** The directories of a merge name in the eyes of the rule that names it. */
export interface MergePlace {
  /** Absolute, with a slash at its end: the directory whose rules are being read; "" = none yet. */
  readonly directory: ByteString;
  /** What a name without any slash is relative to: "" (working directory) or absolute with slash. */
  readonly base: ByteString;
}

/**
 * Returns the path that a merge rule's name means. Absolute names stand for themselves, names
 * with a slash are relative to the directory at hand, bare names to the base (rsync: to its
 * working directory, which is the transfer root while it scans).
 */
export function mergePath(name: ByteString, place: MergePlace): ByteString {
  if (name.startsWith("/")) return cleanPath(name);
  if (!name.includes("/")) return place.base === "" ? name : place.base + name;
  return cleanPath(place.directory + name);
}
