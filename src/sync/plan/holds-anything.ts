// Whether a directory that an argument names brings anything but itself.

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import { Directory, FilterLevel, verdictHide } from "../../tree/index.ts";
import type { EyesContext } from "./argument-eyes.ts";
import type { SourceArgument } from "./source-argument.ts";

/** Says whether the directory has entries that the rules of the command line leave in the transfer. */
export function holdsAnything(context: EyesContext, argument: SourceArgument): boolean {
  const { fs, options } = context;
  const { base, path, slash } = argument;
  if (!options.walk.recurse && !slash) return false;
  const below = path.join("/");
  try {
    const root = fs.openRoot(base, "anywhere");
    try {
      const dir = fs.openDirectory(root, below, "anywhere");
      try {
        const listing = new Directory();
        fs.readNames(dir, listing);
        return hasVisible(context, listing, base, below);
      } finally {
        fs.closeDirectory(dir);
      }
    } finally {
      fs.closeDirectory(root);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

function hasVisible(
  { filterRules, workingDirectory }: EyesContext,
  listing: Directory,
  base: ByteString,
  below: ByteString,
): boolean {
  if (filterRules === undefined || filterRules.isEmpty) return listing.count > 0;
  const path = base.startsWith("/") ? base : joinPath(workingDirectory, base);
  const top = FilterLevel.begin(filterRules, "source", { path, readFile: () => undefined });
  const level = top.enter(below, () => undefined);
  for (let i = 0; i < listing.count; i++) {
    const start = listing.nameStart[i] as number;
    const end = start + (listing.nameLength[i] as number);
    if ((level.verdict(listing.names, start, end, listing.isDirectory(i)) & verdictHide) === 0)
      return true;
  }
  return false;
}
