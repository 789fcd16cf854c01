// The places that another machine named, as they are meant here: wildcards stand for the names they
// match and ~ for a home directory, without a shell. A backslash takes a wildcard's meaning away and is
// a backslash anywhere else (rsync(1), ADVANCED USAGE).

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { type FileSystem, FsError, openAccounts, Stat } from "../../fs/index.ts";
import type { Expansion } from "../../session/index.ts";
import { Directory, hideState, isDirectory, matchesPattern } from "../../tree/index.ts";

/** What expanding needs. */
export interface ExpansionContext {
  readonly fs: FileSystem;
  readonly expansion: Exclude<Expansion, "command-line">;
  /** The user's home directory. */
  readonly home: ByteString | undefined;
  /** With --relative ~ is a name like any other, unless "/./" says where the relative part begins. */
  readonly relative: boolean;
}

/** Paths that one pattern may stand for. Arbitrary: more than fit a command line. */
const matchesMax = 1_000_000;

/** One component of a path, with the slashes behind it. */
const component = /([^/]*)(\/*)/y;

/** Returns the paths. A pattern that matches nothing stays: whoever looks for it tells that it is not there. */
export function expandPlaces(
  places: readonly ByteString[],
  context: ExpansionContext,
): ByteString[] {
  if (context.expansion === "none") return [...places];
  return places.flatMap((place) => {
    const path = context.expansion === "home" ? withHome(place, context) : place;
    const found = matches(context.fs, path);
    return found.length > 0 ? found : [unescaped(path)];
  });
}

/** Puts the home directory in the place of "~" or "~user". */
function withHome(path: ByteString, { home, relative }: ExpansionContext): ByteString {
  const [, user, rest] = /^~([^/]*)(\/.*)$/s.exec(path) ?? [];
  if (user === undefined || rest === undefined) return path;
  if (relative && !rest.includes("/./")) return path;
  const directory = user === "" ? home : openAccounts().userHome(user);
  return directory === undefined ? path : directory.replaceAll(/[*?[\]]/g, "\\$&") + rest;
}

function matches(fs: FileSystem, pattern: ByteString): ByteString[] {
  let found: ByteString[] = [""];
  let isSearched = false;
  component.lastIndex = 0;
  while (component.lastIndex < pattern.length) {
    const [, name = "", slashes = ""] = component.exec(pattern) ?? [];
    const isWild = hasWildcard(name);
    if (isWild) found = found.flatMap((base) => namesIn(fs, base, name));
    else found = found.map((base) => base + unescaped(name));
    isSearched ||= isWild;
    if (found.length > matchesMax) {
      const text = `more than ${matchesMax} names match ${pattern}`;
      throw new ManifoldError("usage", text);
    }
    const isSure = !isSearched || (isWild && slashes === "");
    if (!isSure) found = found.filter((path) => isThere(fs, path, slashes !== ""));
    found = found.map((path) => path + slashes);
  }
  return isSearched ? found : [];
}

function hasWildcard(name: ByteString): boolean {
  return /[*?[]/.test(name.replaceAll(/\\[*?[\]]/g, ""));
}

function unescaped(path: ByteString): ByteString {
  return path.replaceAll(/\\([*?[\]])/g, "$1");
}

/** The paths below `base` (which ends in a slash or is empty) whose last component matches; names with a dot only if the pattern has it. */
function namesIn(fs: FileSystem, base: ByteString, pattern: ByteString): ByteString[] {
  const listing = new Directory();
  try {
    const directory = fs.openRoot(base === "" ? "." : base, "anywhere");
    try {
      fs.readNames(directory, listing);
    } finally {
      fs.closeDirectory(directory);
    }
  } catch (error) {
    // As for a shell, nothing matches where nothing can be read; what then stands there is the pattern.
    if (error instanceof FsError) return [];
    throw error;
  }
  hideState(listing, 0, true);
  const escaped = pattern.replaceAll(/\\(?![*?[\]])/g, "\\\\");
  const found: ByteString[] = [];
  for (let i = 0; i < listing.count; i++) {
    const name = listing.name(i);
    if (name.startsWith(".") && !pattern.startsWith(".")) continue;
    if (matchesPattern(escaped, name)) found.push(base + name);
  }
  return found.sort();
}

function isThere(fs: FileSystem, path: ByteString, asDirectory: boolean): boolean {
  const cut = path.lastIndexOf("/") + 1;
  const stat = new Stat();
  try {
    const directory = fs.openRoot(cut === 0 ? "." : path.slice(0, cut), "anywhere");
    try {
      const isFound = fs.stat(directory, path.slice(cut), stat, asDirectory);
      return isFound && (!asDirectory || isDirectory(stat.mode));
    } finally {
      fs.closeDirectory(directory);
    }
  } catch (error) {
    if (error instanceof FsError) return false;
    throw error;
  }
}
