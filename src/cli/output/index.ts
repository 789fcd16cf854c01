// output: the faces that print a run. Pure: bytes go out through an Output, time comes from its
// clock, nothing here touches the process.
//
//   const reporter = createReporter(reportSettings(options, surroundings), output);
//   reporter.start(info);
//   for await (const event of run) reporter.event(event);     // in listing order
//   setInterval(() => reporter.tick(counters, state), 100);   // live progress, and a flush
//   reporter.finish(summary);
//
// One line's way: an event meets its gate (item-gate, note-gate: is it worth a line?), becomes a
// line of bytes (item-format, problem-text, stats-text, ...), and goes to the Screen and the LogFile,
// which escape it. rsync's shapes are facts, observed and tested against the real one; where
// manifold speaks for itself the words are its own. JSON events are a face of their own beside it.

export { castLive } from "./cast-live.ts";
export { CastNews } from "./cast-news.ts";
export { castTable } from "./cast-table.ts";
export { earlyFailureLines } from "./ending.ts";
export { type EscapeMode, escapeLine, escapeModeOf } from "./escape.ts";
export { Estimate, type RunView } from "./estimate.ts";
export { exitMeaning, rsyncExitLine } from "./exit-text.ts";
export { fillItemFormat, formatHas, type ItemFields, readItemFormat } from "./item-format.ts";
export { type ListColumns, type ListEntry, listLine } from "./list-line.ts";
export { liveLine } from "./live-line.ts";
export { modeText } from "./mode-text.ts";
export { formatCount, formatDecimal, formatNumber } from "./numbers.ts";
export { probeTable, writtenPerSecond } from "./probe-table.ts";
export { hasProblemWording } from "./problem-table.ts";
export { manifoldProblemLine, type PathPlaces, rsyncProblemLines } from "./problem-text.ts";
export { createReporter } from "./reporter.ts";
export type {
  Output,
  Reporter,
  RunInfo,
  RunState,
  RunSummary,
  SourceSummary,
  TargetSummary,
} from "./run-info.ts";
export { RunTally, targetSummaries } from "./run-tally.ts";
export {
  type HeadKind,
  type PreserveColumns,
  type ReportSettings,
  type ReportSurroundings,
  reportSettings,
} from "./settings.ts";
export { sizeText } from "./stats-text.ts";
export { type CheckCounts, TransferProgress } from "./transfer-progress.ts";
