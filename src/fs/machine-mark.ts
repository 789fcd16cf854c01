// Which machine this is, as far as files are concerned: device and inode numbers mean the same to all processes of one
// kernel, whatever they call it.

import { readFileSync } from "node:fs";

let mark: string | undefined;

/** Returns a text that is another one on every machine, and after every start of one; undefined where there is none. */
export function machineMark(): string | undefined {
  try {
    mark ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return mark;
  } catch {
    // Only Linux has it.
    return undefined;
  }
}
