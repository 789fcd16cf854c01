// A door that stores symbolic links so that nobody can follow them, and shows them as they were given.

import { mungePrefix } from "../../tree/index.ts";
import type { FileSystem } from "../file-system.ts";

/** Returns the same door with its symlinks munged as rsync munges them. */
export function mungingLinks(door: FileSystem): FileSystem {
  return {
    ...door,
    makeSymlink: (dir, name, target) => door.makeSymlink(dir, name, mungePrefix + target),
    readLink: (dir, name) => {
      const stored = door.readLink(dir, name);
      return stored.startsWith(mungePrefix) ? stored.slice(mungePrefix.length) : stored;
    },
  };
}
