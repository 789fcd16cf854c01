// Whether a program is there to start, as execvp(3) looks for it.

import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Returns whether a program of this name may be run: a name with a slash is a path, others are looked up in PATH. */
export function findProgram(name: string, path = "/bin:/usr/bin"): boolean {
  const places = name.includes("/") ? [name] : path.split(":").map((dir) => join(dir, name));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
