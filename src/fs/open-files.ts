// How many files this process may have open.

import { readFileSync } from "node:fs";

/** Returns the limit (getrlimit(2), RLIMIT_NOFILE); undefined where the system does not tell, or there is none. */
export function openFilesMax(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined; // No /proc here.
  }
}
