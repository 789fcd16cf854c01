// Settings, events and summaries for tests, each complete with one thing changed.

import {
  type ReportSettings,
  type ReportSurroundings,
  type RunInfo,
  type RunSummary,
  reportSettings,
} from "../../../src/cli/output/index.ts";
import { type Personality, parse } from "../../../src/options/index.ts";
import {
  type Counters,
  change,
  counterNames,
  type ItemEvent,
  type ProblemEvent,
  typeRegular,
} from "../../../src/tree/index.ts";

/** Returns the settings of a command line. */
export function settingsOf(
  argv: readonly string[],
  personality: Personality = "manifold",
  surroundings: Partial<ReportSurroundings> = {},
): ReportSettings {
  const parsed = parse(argv, personality, {});
  if (parsed.kind !== "run") throw new Error(`not a run: ${argv.join(" ")}`);
  return reportSettings(parsed.options, {
    locale: "C.UTF-8",
    stdoutCarriesData: false,
    ...surroundings,
  });
}

/** What a run is told at its start. */
export const sampleInfo: RunInfo = {
  sources: ["src/"],
  target: "dst",
  targetLabel: "dst/",
  workingDirectory: "/home/me",
  wholeFile: true,
  direction: "local",
};

/** Returns counters, all 0 but these. */
export function countersOf(some: Partial<Counters> = {}): Counters {
  const zero = Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
  return { ...zero, ...some };
}

/** Returns a summary. */
export function summaryOf(some: Partial<RunSummary> = {}): RunSummary {
  return {
    exit: 0,
    elapsedMs: 0,
    counters: countersOf(),
    sent: 0,
    received: 0,
    sources: [],
    targets: [],
    ...some,
  };
}

/** Returns the event of a new regular file. */
export function itemOf(some: Partial<ItemEvent> = {}): ItemEvent {
  return {
    type: "item",
    path: "a",
    changes: change.transfer | change.created,
    mode: typeRegular | 0o644,
    size: 3,
    mtime: 0,
    uid: 0,
    gid: 0,
    literal: 3,
    matched: 0,
    ...some,
  };
}

/** Returns a problem: a source file that may not be read. */
export function problemOf(some: Partial<ProblemEvent> = {}): ProblemEvent {
  return {
    type: "problem",
    path: "src/a",
    role: "source",
    operation: "openat",
    errno: 13,
    exit: 23,
    ...some,
  };
}
