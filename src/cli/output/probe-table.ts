// What the ways to the targets of a cast are like (`cast --probe`), as a table for people.

import type { ByteString } from "../../base/index.ts";
import { sizeText } from "./stats-text.ts";

/** What the table shows of a target. */
export interface ProbeRow {
  readonly name: ByteString;
  readonly isMember: boolean;
  readonly sent: number;
  readonly came: number;
  /** The least, the middle and 99 of 100; empty = not known. */
  readonly roundTripsMs: readonly number[];
  readonly longest: number;
  readonly receiveBytes: number;
  readonly roomBytes: number;
  /** How writing went; undefined = not known. */
  readonly writing:
    | { readonly bytes: number; readonly microseconds: number; readonly reason: string | undefined }
    | undefined;
  readonly clockMs: number;
}

const head = [
  "target",
  "datagrams",
  "lost",
  "round trip, ms",
  "longest",
  "buffer",
  "room",
  "writes",
  "clock, s",
];

/** Returns the lines: a row for each target that is there, and what follows from them. */
export function probeTable(rows: readonly ProbeRow[]): ByteString[] {
  const all = [head, ...rows.map(cells)];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const reached = rows.filter(({ came }) => came > 0).length;
  const rest = reached === rows.length ? "" : "; the others would be served over their connections";
  return [...lines, `datagrams reach ${reached} of ${rows.length} targets${rest}`];
}

function cells(row: ProbeRow): ByteString[] {
  const { name, isMember, sent, came, roundTripsMs, longest, clockMs } = row;
  const reach = came > 0 ? "come" : isMember ? "none comes" : "no group";
  return [
    ...[name, reach, came === 0 ? "-" : `${((100 * (sent - came)) / sent).toFixed(1)} %`],
    roundTripsMs.length === 0 ? "-" : roundTripsMs.map((ms) => ms.toFixed(1)).join(" "),
    longest === 0 ? "-" : String(longest),
    ...[row.receiveBytes, row.roomBytes].map((bytes) => (bytes === 0 ? "-" : sizeText(bytes))),
    writingCell(row.writing),
    `${clockMs < 0 ? "" : "+"}${(clockMs / 1000).toFixed(2)}`,
  ];
}

/** Returns bytes a second; undefined = nobody has written. */
export function writtenPerSecond(writing: ProbeRow["writing"]): number | undefined {
  const { bytes = 0, microseconds = 0 } = writing ?? {};
  return bytes === 0 ? undefined : Math.round((bytes * 1e6) / Math.max(1, microseconds));
}

function writingCell(writing: ProbeRow["writing"]): ByteString {
  const rate = writtenPerSecond(writing);
  return rate === undefined ? (writing?.reason ?? "-") : `${sizeText(rate)}/s`;
}
