// What --info=stats3 tells of memory. rsync tells the heap of each of its processes; manifold is one
// process, and tells what that one's memory consists of.

import { formatNumber } from "./numbers.ts";

/** Memory at the end of the run, in bytes. */
export interface MemoryUse {
  readonly heapReserved: number;
  readonly heapUsed: number;
  /** Outside of the JavaScript heap, but managed by it; and the part of that which is buffers. */
  readonly external: number;
  readonly buffers: number;
  readonly resident: number;
  readonly residentMax: number;
}

/** Returns one block of lines for each kind of memory, every one with an empty line after it. */
export function memoryLines(memory: MemoryUse, pid: number, numbers: number): string[] {
  const blocks: readonly [string, readonly [string, number][]][] = [
    ["JavaScript", rows("reserved", memory.heapReserved, "used", memory.heapUsed)],
    ["external", rows("all", memory.external, "buffers", memory.buffers)],
    ["process", rows("resident", memory.resident, "peak", memory.residentMax)],
  ];
  return blocks.flatMap(([name, lines]) => [
    `manifold[${pid}] (${name}) heap statistics:`,
    ...lines.map(([label, bytes]) => {
      const amount = formatNumber(bytes, numbers).padStart(14);
      return `  ${`${label}:`.padEnd(10)}${amount} bytes`;
    }),
    "",
  ]);
}

function rows(a: string, aBytes: number, b: string, bBytes: number): [string, number][] {
  return [
    [a, aBytes],
    [b, bBytes],
  ];
}
