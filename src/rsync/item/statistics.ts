// What the sender tells at the end when it is the server, and counts of deletions.

import type { WireCursor } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** Numbers for display, as the sender sees them. */
export interface Statistics {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of all files. */
  readonly totalSize: number;
  readonly listBuildMs: number;
  readonly listTransferMs: number;
}

const names = ["bytesRead", "bytesWritten", "totalSize", "listBuildMs", "listTransferMs"] as const;
const bytesMin = 3;

/** Writes them. */
export function encodeStatistics(writer: WireWriter, statistics: Statistics): void {
  for (const name of names) writer.varlong(Math.max(0, Math.trunc(statistics[name])), bytesMin);
}

/** Reads them. Nothing depends on them, so that any number will do. */
export function decodeStatistics(cursor: WireCursor): Statistics {
  const next = (): number => Math.max(0, cursor.varlong(bytesMin));
  const [bytesRead, bytesWritten] = [next(), next()];
  const [totalSize, listBuildMs, listTransferMs] = [next(), next(), next()];
  return { bytesRead, bytesWritten, totalSize, listBuildMs, listTransferMs };
}

/** How many entries the receiving end has deleted, by what they were. */
export interface DeletionCounts {
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  readonly devices: number;
  readonly specials: number;
}

/** Writes them, behind their index. */
export function encodeDeletions(writer: WireWriter, counts: DeletionCounts): void {
  const { files, directories, links, devices, specials } = counts;
  for (const count of [files, directories, links, devices, specials]) writer.varint(count);
}

/** Reads them. */
export function decodeDeletions(cursor: WireCursor): DeletionCounts {
  const [files, directories, links, devices, specials] = [0, 0, 0, 0, 0].map(() =>
    cursor.varintWithin("a count of deletions", 0, 0x7fff_ffff),
  ) as [number, number, number, number, number];
  return { files, directories, links, devices, specials };
}
