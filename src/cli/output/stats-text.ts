// The end of a run in numbers: rsync's --stats block and its two closing lines, and the one line
// with which manifold closes.

import type { ByteString } from "../../base/index.ts";
import type { Counters } from "../../tree/index.ts";
import { fixed, formatCount, formatCountDecimal, formatDecimal, formatNumber } from "./numbers.ts";
import type { RunSummary } from "./run-info.ts";

/** What the lines need besides the summary. */
export interface StatsContext {
  /** Level of number formatting. */
  readonly numbers: number;
  readonly dryRun: boolean;
  /** It is a dry run because only a batch is written. */
  readonly batchOnly?: boolean;
}

/** Returns the --stats block, without the empty line before it. */
export function statsLines(summary: RunSummary, { numbers }: StatsContext): string[] {
  const { counters, fileList } = summary;
  const bytes = (value: number): string => formatNumber(value, numbers);
  const seconds = (ms: number): string => `${formatCountDecimal(ms / 1000, numbers, 3)} seconds`;
  const wire = wireBytes(summary);
  return [
    kindsLine("Number of files", entryKinds(counters), numbers),
    kindsLine("Number of created files", createdKinds(counters), numbers),
    kindsLine("Number of deleted files", deletedKinds(counters), numbers),
    `Number of regular files transferred: ${formatCount(counters.transferredFiles, numbers)}`,
    `Total file size: ${bytes(counters.totalSize)} bytes`,
    `Total transferred file size: ${bytes(counters.transferredSize)} bytes`,
    `Literal data: ${bytes(counters.literal)} bytes`,
    `Matched data: ${bytes(counters.matched)} bytes`,
    `File list size: ${bytes(fileList?.size ?? 0)}`,
    `File list generation time: ${seconds(fileList?.generationMs ?? 1)}`,
    `File list transfer time: ${seconds(fileList?.transferMs ?? 0)}`,
    ...contentIndexLines(counters, bytes),
    `Total bytes sent: ${bytes(wire.sent)}`,
    `Total bytes received: ${bytes(wire.received)}`,
  ];
}

/** What --content-index was expected to do, and did; nothing where nobody thought of it. */
function contentIndexLines(counters: Counters, bytes: (value: number) => string): string[] {
  const { indexWanted, indexThrough, indexLineRate, indexedBytes, indexLists, indexFound } =
    counters;
  if (indexWanted === 0) return [];
  const rate = indexLineRate === 0 ? "" : `, over a line of ${bytes(indexLineRate)} bytes/sec`;
  const did =
    indexedBytes === 0
      ? "not used"
      : `${bytes(indexFound)} bytes found, ${bytes(indexLists)} bytes of lists`;
  return [
    `Content index: ${bytes(indexWanted)} bytes wanted, ${bytes(indexThrough)} bytes to look through${rate}: ${did}`,
  ];
}

/** Counts of regular files, directories, symlinks, devices and specials. */
type Kinds = readonly number[];

const kindLabels = ["reg", "dir", "link", "dev", "special"];

function kindsLine(title: string, kinds: Kinds, numbers: number): string {
  const total = kinds.reduce((sum, count) => sum + count, 0);
  const parts = kinds.flatMap((count, i) =>
    count === 0 ? [] : [`${kindLabels[i]}: ${formatCount(count, numbers)}`],
  );
  const list = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  return `${title}: ${formatCount(total, numbers)}${list}`;
}

function entryKinds(c: Counters): Kinds {
  return [c.regular, c.directories, c.symlinks, c.devices, c.specials];
}

function createdKinds(c: Counters): Kinds {
  return [
    c.createdRegular,
    c.createdDirectories,
    c.createdSymlinks,
    c.createdDevices,
    c.createdSpecials,
  ];
}

function deletedKinds(c: Counters): Kinds {
  return [
    c.deletedRegular,
    c.deletedDirectories,
    c.deletedSymlinks,
    c.deletedDevices,
    c.deletedSpecials,
  ];
}

function sum(kinds: Kinds): number {
  return kinds.reduce((total, count) => total + count, 0);
}

/** Returns how many entries the source has. */
export function scannedEntries(counters: Counters): number {
  return sum(entryKinds(counters));
}

/** Returns how many entries were made new on the target. */
export function createdEntries(counters: Counters): number {
  return sum(createdKinds(counters));
}

/** Returns how many entries were deleted from the target. */
export function deletedEntries(counters: Counters): number {
  return sum(deletedKinds(counters));
}

/** Returns rsync's two closing lines, without the empty line before them. */
export function rsyncClosingLines(
  summary: RunSummary,
  { numbers, dryRun, batchOnly = false }: StatsContext,
): string[] {
  const trial = batchOnly ? " (BATCH ONLY)" : dryRun ? " (DRY RUN)" : "";
  const { sent, received } = wireBytes(summary);
  const rate = (sent + received) / (0.5 + Math.floor(summary.elapsedMs / 1000));
  const total = summary.counters.totalSize;
  const speedup = total / Math.max(1, sent + received);
  return [
    `sent ${formatNumber(sent, numbers)} bytes  received ${formatNumber(received, numbers)} bytes  ${formatDecimal(rate, numbers, 2)} bytes/sec`,
    `total size is ${formatNumber(total, numbers)}  speedup is ${formatCountDecimal(speedup, numbers, 2)}${trial}`,
  ];
}

/** Returns the line that rsync's log ends with when nothing else told the numbers. */
export function rsyncLogClosing(summary: RunSummary): string {
  const { sent, received } = wireBytes(summary);
  return `sent ${sent} bytes  received ${received} bytes  total size ${summary.counters.totalSize}`;
}

/**
 * rsync moves data through a pipe even on one machine and counts that. Where nothing crossed a
 * wire, its closing lines get the data that were read instead, so that "speedup" keeps its meaning.
 */
function wireBytes(summary: RunSummary): { readonly sent: number; readonly received: number } {
  if (summary.sent + summary.received > 0) return summary;
  return { sent: summary.counters.literal, received: 0 };
}

/** Returns manifold's closing line: what was found, what was done, how fast. */
export function manifoldClosingLine(
  summary: RunSummary,
  { numbers, dryRun }: StatsContext,
): ByteString {
  const { counters, elapsedMs } = summary;
  const done: [number, string][] = [
    [createdEntries(counters), "created"],
    [counters.changed, "changed"],
    [counters.moved, "moved"],
    [counters.copied, "copied"],
    [counters.linked, "linked"],
    [deletedEntries(counters), "deleted"],
    [counters.failed, "failed"],
    [counters.unchanged, "unchanged"],
  ];
  const parts = done.flatMap(([count, word]) =>
    count === 0 ? [] : [`${formatCount(count, Math.max(1, numbers))} ${word}`],
  );
  // What looking for renames has spared.
  const isFound = counters.moved + counters.copied > 0 && counters.matched > 0;
  if (isFound) parts.push(`${sizeText(counters.matched)} taken from the target`);
  const entries = scannedEntries(counters);
  const found = `${formatCount(entries, Math.max(1, numbers))} ${entries === 1 ? "entry" : "entries"}, ${sizeText(counters.totalSize)}`;
  const seconds = elapsedMs / 1000;
  const moved = counters.literal + counters.matched;
  const rate = seconds > 0 && moved > 0 ? ` (${sizeText(moved / seconds)}/s)` : "";
  return `${dryRun ? "dry run: " : ""}${found}: ${parts.join(", ") || "nothing to do"} in ${fixed(seconds, seconds < 10 ? 2 : 1)} s${rate}`;
}

const sizeUnits = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** Returns a number of bytes for people, "12.3 MB": three digits, units of 1000. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.round(value)} ${bytes === 1 ? "byte" : "bytes"}`;
  return `${value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${sizeUnits[unit]}`;
}
