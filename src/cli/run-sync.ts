// Runs a sync for the command line: joins the run with a reporter, the clock and signals.

import { type ByteString, fromText, ManifoldError, systemClock } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { type Endpoints, SyncRun } from "../sync/index.ts";
import { tellFailure } from "./failure.ts";
import {
  createReporter,
  type Reporter,
  type RunSummary,
  RunTally,
  reportSettings,
  targetSummaries,
} from "./output/index.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";

const tickMs = 100;
/** A run this long is watched: from here on it is worth some speed to know the totals. */
const totalsAfterMs = 400;

/** Runs the sync and returns the exit status. */
export async function runSync(options: Options): Promise<number> {
  const around = surroundings();
  const output = openOutput(options);
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  let tally: RunTally | undefined;
  const run: SyncRun = new SyncRun(options, around, {
    started: (endpoints) => {
      if (options.output.json) {
        const labels = endpoints.plan.roots.map(({ label }) => label);
        tally = new RunTally(labels, options.transfer.dryRun);
      }
      reporter.start(runInfo(options, endpoints, around.workingDirectory));
    },
    event: (event) => {
      tally?.event(event);
      reporter.event(event);
    },
  });
  const ticking = setInterval(() => {
    const state = { scanComplete: run.scanComplete, elapsedMs: systemClock.now() - began };
    if (reporter.showsTotals && state.elapsedMs >= totalsAfterMs) run.scanAhead();
    reporter.tick(run.counters, state);
  }, tickMs);
  listenToSignals(run);
  let exit = 0;
  let failure: ManifoldError | undefined;
  try {
    exit = (await run.run()).exit;
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
    exit = error.exit;
  } finally {
    clearInterval(ticking);
  }
  if (exit === 0) failure = output.refusal();
  exit = failure?.exit ?? exit;
  const elapsedMs = systemClock.now() - began;
  const memory = options.output.info.stats > 2 ? memoryUse() : undefined;
  const sources = tally?.summaries(options.sources) ?? [];
  const targets = targetSummaries(options.target, exit, run.counters);
  finish(reporter, run, { exit, failure, elapsedMs, memory, sources, targets });
  output.close();
  // The last lines may be those that found no room.
  const late = exit === 0 ? output.refusal() : undefined;
  return late === undefined ? exit : tellFailure(options.personality, late);
}

function finish(
  reporter: Reporter,
  run: SyncRun,
  end: {
    exit: number;
    failure: ManifoldError | undefined;
    elapsedMs: number;
    memory: RunSummary["memory"] | undefined;
    sources: RunSummary["sources"];
    targets: RunSummary["targets"];
  },
): void {
  reporter.finish({
    exit: end.exit,
    elapsedMs: end.elapsedMs,
    counters: run.counters,
    sent: 0,
    received: 0,
    sources: end.sources,
    targets: end.targets,
    ...(end.memory && { memory: end.memory }),
    ...(end.failure === undefined ? {} : { failure: fromText(end.failure.message) }),
  });
}

function runInfo(
  options: Options,
  endpoints: Endpoints,
  workingDirectory: ByteString,
): Parameters<Reporter["start"]>[0] {
  return {
    sources: options.sources,
    target: options.target,
    targetLabel: endpoints.target?.label ?? "",
    workingDirectory,
    ...(endpoints.created === undefined ? {} : { created: endpoints.created }),
    wholeFile: options.transfer.wholeFile !== false,
    direction: "local",
  };
}

function memoryUse(): NonNullable<RunSummary["memory"]> {
  const { heapTotal, heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return {
    heapReserved: heapTotal,
    heapUsed,
    external,
    buffers: arrayBuffers,
    resident: rss,
    residentMax: process.resourceUsage().maxRSS * 1024,
  };
}
