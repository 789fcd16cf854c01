// The lines after the last item: statistics, what stopped the run, what the exit status means.

import type { ByteString } from "../../base/index.ts";
import type { Personality } from "../../options/index.ts";
import { afterName } from "./after-name.ts";
import { exitMeaning, rsyncExitLine } from "./exit-text.ts";
import { memoryLines } from "./memory-text.ts";
import { formatCount } from "./numbers.ts";
import { rsyncVoice } from "./rsync-voice.ts";
import type { RunSummary } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";
import { partLines, shareLines } from "./source-rows.ts";
import {
  manifoldClosingLine,
  rsyncClosingLines,
  rsyncLogClosing,
  statsLines,
} from "./stats-text.ts";

/** What was counted of problems while the run went on. */
export interface ProblemTally {
  /** Problems that were told. */
  told: number;
  vanished: number;
  conflicts: number;
}

/** Returns statistics and closing lines; "" = an empty line, which stays out of the log. */
export function closingLines(
  summary: RunSummary,
  settings: ReportSettings,
  shown: { readonly live: boolean; readonly pid: number },
): ByteString[] {
  const { numbers, dryRun, batchOnly, info, personality } = settings;
  if (summary.failure !== undefined) return [];
  const lines: ByteString[] = [];
  const { memory } = summary;
  const memoryBlocks = memory === undefined ? [] : memoryLines(memory, shown.pid, numbers);
  if (info.stats > 1) lines.push("", ...memoryBlocks, ...statsLines(summary, { numbers, dryRun }));
  if (personality === "manifold-rsync") {
    if (info.stats > 0)
      lines.push("", ...rsyncClosingLines(summary, { numbers, dryRun, batchOnly }));
  } else if (!settings.listOnly && (info.stats > 0 || shown.live)) {
    if (info.stats > 0) lines.push("");
    lines.push(manifoldClosingLine(summary, { numbers, dryRun }));
    if (summary.shares === "all") lines.push(...shareLines(summary.sources));
    if (summary.shares === "part") lines.push(...partLines(summary.sources));
  }
  return lines;
}

/** Returns the line that a log ends with where no statistics were told, or the run failed. */
export function logClosingLine(
  summary: RunSummary,
  settings: ReportSettings,
): ByteString | undefined {
  if (summary.exit === 0 && settings.info.stats > 0) return undefined;
  if (settings.personality === "manifold-rsync") return rsyncLogClosing(summary);
  const { dryRun } = settings;
  return manifoldClosingLine(summary, { numbers: settings.numbers, dryRun });
}

/** Returns the lines for standard error; none when all went well. */
export function failureLines(
  summary: RunSummary,
  personality: Personality,
  tally: ProblemTally,
): ByteString[] {
  const { exit, failure } = summary;
  if (personality === "manifold-rsync") {
    if (exit === 0) return [];
    return failure === undefined ? [rsyncExitLine(exit)] : rsyncFailureLines(failure, exit);
  }
  const lines: ByteString[] = [];
  if (failure !== undefined) {
    lines.push(`manifold: ${afterName(failure)}${tally.told === 0 ? ` (exit ${exit})` : ""}`);
  }
  if (tally.told > 0 || (exit !== 0 && failure === undefined)) {
    lines.push(`manifold: ${tallyText(summary, tally)}${exitMeaning(exit)} (exit ${exit})`);
  }
  return lines;
}

/** Returns the lines for a run that failed before it had a reporter, such as a wrong command line. */
export function earlyFailureLines(
  personality: Personality,
  message: ByteString,
  exit: number,
): ByteString[] {
  if (personality === "manifold-rsync") return rsyncFailureLines(message, exit);
  return [`manifold: ${afterName(message)} (exit ${exit})`];
}

function rsyncFailureLines(message: ByteString, exit: number): ByteString[] {
  const { named, role } = rsyncVoice(message);
  return [named ? `rsync: ${message}` : message, rsyncExitLine(exit, role)];
}

function tallyText(summary: RunSummary, tally: ProblemTally): string {
  if (tally.told === 0) return "";
  const details = [
    detail(summary.counters.failed, "not transferred"),
    detail(tally.vanished, "vanished"),
    detail(tally.conflicts, tally.conflicts === 1 ? "conflict" : "conflicts"),
  ].filter((part) => part !== "");
  const list = details.length === 0 ? "" : ` (${details.join(", ")})`;
  return `${formatCount(tally.told, 1)} ${tally.told === 1 ? "problem" : "problems"}${list}: `;
}

function detail(count: number, words: string): string {
  return count === 0 ? "" : `${formatCount(count, 1)} ${words}`;
}
