// The permission bits that new files do not get (umask(2)), without changing them to find out.

import { readFileSync } from "node:fs";
import process from "node:process";

/**
 * Returns the umask of this process. Linux tells it in /proc/self/status (since 4.7); elsewhere Node asks, which
 * sets it for a moment.
 */
export function readUmask(): number {
  try {
    const found = /^Umask:\s*([0-7]+)$/m.exec(readFileSync("/proc/self/status", "latin1"));
    if (found?.[1] !== undefined) return Number.parseInt(found[1], 8);
  } catch {
    // No /proc here.
  }
  return process.umask();
}
