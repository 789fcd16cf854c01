// manifold's live line: one line of a terminal that says how far the run is, in as many words as
// fit. Never wider than the terminal less one column, since the last one would make it wrap.

import type { RunView } from "./estimate.ts";
import { formatCount } from "./numbers.ts";
import { sizeText } from "./stats-text.ts";
import { durationText } from "./time-text.ts";

/** Returns the line for a terminal of so many columns; ASCII, so that a character is a column. */
export function liveLine(view: RunView, columns: number): string {
  const room = Math.max(0, columns - 1);
  const variants = view.atLeast ? scanningVariants(view) : transferVariants(view);
  const fitting = variants.find((variant) => variant.length <= room);
  return fitting ?? (variants[variants.length - 1] ?? "").slice(0, room);
}

/** While the scan goes on: totals are only known from below, and there is no percentage. */
function scanningVariants(view: RunView): string[] {
  const entries = `${count(view.entries)} found`;
  if (view.filesTotal === 0) {
    return [`scanning: ${entries}  ${durationText(view.elapsedMs)}`, entries, count(view.entries)];
  }
  const files = `${count(view.filesDone)} of at least ${count(view.filesTotal)} files`;
  const bytes = `${sizeText(view.bytesDone)} of at least ${sizeText(view.bytesTotal)}`;
  const rate = `${sizeText(view.rate)}/s`;
  const shortFiles = `${count(view.filesDone)}/${count(view.filesTotal)}+ files`;
  return [
    `scanning: ${entries}  ${files}  ${bytes}  ${rate}  ${durationText(view.elapsedMs)}`,
    `${entries}  ${files}  ${sizeText(view.bytesDone)}  ${rate}`,
    `${entries}  ${shortFiles}  ${sizeText(view.bytesDone)}  ${rate}`,
    `${shortFiles}  ${sizeText(view.bytesDone)}  ${rate}`,
    `${shortFiles}  ${sizeText(view.bytesDone)}`,
    shortFiles,
    `${count(view.filesDone)}/${count(view.filesTotal)}+`,
  ];
}

function transferVariants(view: RunView): string[] {
  const percent = `${String(view.percent ?? 0).padStart(3)}%`;
  const files = `${count(view.filesDone)} of ${count(view.filesTotal)} files`;
  const shortFiles = `${count(view.filesDone)}/${count(view.filesTotal)} files`;
  const bytes = `${sizeText(view.bytesDone)} of ${sizeText(view.bytesTotal)}`;
  const rate = `${sizeText(view.rate)}/s`;
  const left = view.etaMs === undefined ? "" : durationText(view.etaMs);
  const eta = left === "" ? "" : `  ETA ${left}`;
  return [
    `${percent}  ${files}  ${bytes}  ${rate}${eta}`,
    `${percent}  ${shortFiles}  ${sizeText(view.bytesDone)}  ${rate}${eta}`,
    `${percent}  ${shortFiles}  ${rate}${eta}`,
    `${percent}  ${rate}${eta}`,
    left === "" ? `${percent}  ${rate}` : `${percent}  ${left}`,
    percent,
  ];
}

function count(value: number): string {
  return formatCount(value, 1);
}
