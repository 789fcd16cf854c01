// What this process holds open, as the kernel tells.

import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns what this process holds open of the file system, sorted: files and directories below a folder (absolute path), or
 * all of them. Pipes and sockets, which what loads and runs tests opens when it likes, are left out. Nothing where
 * there is no /proc.
 */
export function openDescriptors(folder = "/"): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  const targets = readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(join("/proc/self/fd", name))];
    } catch {
      return []; // The descriptor that read the folder itself.
    }
  });
  return targets.filter((target) => target.startsWith(folder)).sort();
}
