// How the targets of a cast fared, as a table for people.

import { type ByteString, fromText } from "../../base/index.ts";
import { formatCount } from "./numbers.ts";
import { sizeText } from "./stats-text.ts";

/** What the table shows of a target. */
export interface CastRow {
  readonly name: ByteString;
  readonly state: string;
  readonly exit: number;
  /** Why it was let go, or what went wrong. */
  readonly reason: string | undefined;
  readonly stream: number;
  readonly multicast: number;
  readonly unicast: number;
  readonly missingRate: number;
  readonly elapsedMs: number;
}

/** What it says of the whole. */
export interface CastTotals {
  readonly targets: readonly CastRow[];
  readonly stream: number;
  readonly multicast: number;
  readonly elapsedMs: number;
  readonly isDryRun: boolean;
}

const head = ["target", "state", "multicast", "unicast", "missing", "seconds", ""];

/** Returns the lines: a row for each target, and one for all. */
export function castTable(totals: CastTotals): ByteString[] {
  const rows = [head, ...totals.targets.map(totals.isDryRun ? plannedCells : cells)];
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) =>
        at < 2 || at === 6 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [...lines, totalsLine(totals)];
}

function cells(row: CastRow): ByteString[] {
  const { name, state, exit, reason, multicast, unicast, missingRate, elapsedMs } = row;
  const status = exit === 0 ? state : `${state} (exit ${exit})`;
  const missing = multicast === 0 ? "-" : `${(100 * missingRate).toFixed(2)} %`;
  const seconds = (elapsedMs / 1000).toFixed(2);
  const why = reason === undefined ? "" : fromText(reason);
  return [name, status, sizeText(multicast), sizeText(unicast), missing, seconds, why];
}

function plannedCells({ name, state, exit, reason, stream }: CastRow): ByteString[] {
  const status = exit === 0 ? state : `${state} (exit ${exit})`;
  const why = reason === undefined ? `would get ${sizeText(stream)}` : fromText(reason);
  return [name, status, "-", "-", "-", "-", why];
}

function totalsLine({ targets, stream, multicast, elapsedMs, isDryRun }: CastTotals): string {
  const count = (state: string): number => targets.filter((row) => row.state === state).length;
  const all = formatCount(targets.length, 1);
  const word = targets.length === 1 ? "target" : "targets";
  if (isDryRun) {
    return `dry run: ${count("ready")} of ${all} ${word} would be cast to, ${sizeText(stream)} in all`;
  }
  const done = `${count("committed")} of ${all} ${word}`;
  const has = targets.length === 1 ? "has" : "have";
  const seconds = (elapsedMs / 1000).toFixed(2);
  return `${done} ${has} everything: ${sizeText(stream)}, ${sizeText(multicast)} in datagrams, ${seconds} s`;
}
