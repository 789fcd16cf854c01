// --prune-empty-dirs where the tree comes as one list of rsync's: the receiving end leaves out which directories bring nothing but
// directories.

import { type ByteString, baseName, parentPath, toBytes } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { WireEntry } from "../../rsync/index.ts";
import { isDirectory } from "../../tree/index.ts";
import { LaneFilters } from "../lane/lane-filters.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Says whether a directory stays although it is empty. */
export type KeepsEmpty = (path: ByteString) => boolean;

/** Returns the names of directories, of a list in rsync's order, that are to be left out. */
export function emptyDirectories(
  entries: readonly WireEntry[],
  keeps: KeepsEmpty,
): ReadonlySet<ByteString> {
  const needed = new Set<ByteString>();
  const empty = new Set<ByteString>();
  const need = (path: ByteString): void => {
    for (let at = path; at !== "" && !needed.has(at); at = parentPath(at)) needed.add(at);
  };
  // What is in a directory stands behind it.
  for (let i = entries.length - 1; i >= 0; i--) {
    const { name, mode } = entries[i] as WireEntry;
    const path = name.replace(/^\/+/, "");
    if (!isDirectory(mode)) need(parentPath(path));
    else if (path === "" || path === "." || needed.has(path)) continue;
    else if (keeps(path)) need(path);
    else empty.add(path);
  }
  return empty;
}

/** Returns what a run's filter rules say of that: a directory that is protected stays. */
export function keepsEmptyOf(options: Options, surroundings: Surroundings): KeepsEmpty {
  const fs = openDoor(surroundings);
  const rules = parseRunFilters(fs, options, surroundings, () => undefined);
  if (rules === undefined) return () => false;
  const filters = new LaneFilters({
    ...{ fs, rules, sources: [], target: undefined },
    problem: () => undefined,
    tell: undefined,
  });
  return (path) => {
    const name = toBytes(baseName(path));
    return filters.keepsEmpty(parentPath(path))?.(name, 0, name.length, true) === true;
  };
}
