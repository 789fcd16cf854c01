// A tree like the kernel's sources, where there are none: as many files, as many bytes, many short ones and few long ones.

import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const files = 79_000;
const bytes = 1.2e9;
const folderFiles = 16;
const folders = 61;
const fileBytesMax = 1024 * 1024;

/** Makes it, the same sizes each time, and returns its path. */
export function makeKernelTree(top: string): string {
  const content = randomBytes(fileBytesMax);
  const shares = Array.from({ length: files }, (_, n) => Math.exp(2.6 * Math.sin(n * 12.9898)));
  const scale = bytes / shares.reduce((sum, one) => sum + one, 0);
  for (const [n, share] of shares.entries()) {
    const number = Math.floor(n / folderFiles);
    const folder = join(top, `d${number % folders}`, `e${number}`);
    if (n % folderFiles === 0) mkdirSync(folder, { recursive: true });
    const size = Math.min(content.length, Math.ceil(share * scale));
    writeFileSync(join(folder, `f${n}`), content.subarray(0, size));
  }
  return top;
}
