// What this process holds open, as the kernel tells.

import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Returns what this process holds open below a folder (absolute path); nothing where there is no /proc. */
export function openDescriptors(folder: string): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const target = readlinkSync(join("/proc/self/fd", name));
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return []; // The descriptor that read the folder itself.
    }
  });
}
