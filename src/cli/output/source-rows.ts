// Who brings what, where the sources are many: a row for each while the run goes on, and at its end.

import type { ByteString } from "../../base/index.ts";
import { formatCount } from "./numbers.ts";
import type { LiveSource, SourceSummary } from "./run-info.ts";
import { sizeText } from "./stats-text.ts";

const plain = 1;

/** Returns the rows of a run that goes on, none wider than a terminal of so many columns less one. */
export function sourceRows(sources: readonly LiveSource[], columns: number): string[] {
  const room = Math.max(0, columns - 1);
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  return sources.map((source) => {
    const { url, bytes, errors, rate, connections, trouble } = source;
    const share = `${percentOf(bytes, total)} %`.padStart(7);
    const speed = `${sizeText(rate)}/s`.padStart(11);
    const pieces = `${connections} under way`.padStart(13);
    const wrong = errors === 0 ? "" : `  ${countOf(errors, "error")}`;
    const why = trouble === undefined ? "" : `: ${trouble}`;
    const text = `${share}${speed}${pieces}  ${url}${wrong}${why}`;
    // A column a character, and nothing that moves the cursor.
    return text.replace(/[^\x20-\x7e]/g, "?").slice(0, room);
  });
}

/** Returns the lines at the end: the shares as one, and one for each source. */
export function shareLines(sources: readonly SourceSummary[]): ByteString[] {
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return [];
  const shares = sources.map(({ bytes }) => `${percentOf(bytes, total)} %`);
  const rows = sources.map((one, i) => `${(shares[i] ?? "").padStart(7)}  ${sourceRow(one)}`);
  return [`content by source: ${shares.join(" / ")}`, ...rows];
}

/** Returns the lines at the end of one of several processes: what its own sources brought. */
export function partLines(sources: readonly SourceSummary[]): ByteString[] {
  return ["content that this process brought:", ...sources.map((one) => `  ${sourceRow(one)}`)];
}

function sourceRow({ url, bytes, files, errors, unused }: SourceSummary): ByteString {
  const why = unused === undefined ? "" : `: ${unused}`;
  return `${sizeText(bytes)}, ${countOf(files, "file")}, ${countOf(errors, "error")}  ${url}${why}`;
}

function percentOf(bytes: number, total: number): string {
  if (total === 0) return "0";
  const percent = (100 * bytes) / total;
  return percent > 0 && percent < plain ? percent.toFixed(1) : percent.toFixed(0);
}

function countOf(count: number, word: string): string {
  return `${formatCount(count, plain)} ${word}${count === 1 ? "" : "s"}`;
}
