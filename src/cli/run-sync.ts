// Runs a sync for the command line: joins the run with a reporter, the clock and signals.

import { type ByteString, fromText, ManifoldError, systemClock } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  becomeCopier,
  CooperativeRun,
  captureSync,
  FarRunOfChoice,
  type Listener,
  MirrorRun,
  RelayRun,
  type Surroundings,
  SyncRun,
  undoSync,
} from "../sync/index.ts";
import type { ProgressEvent } from "../tree/index.ts";
import { writeBatchScript } from "./batch-script.ts";
import { tellFailure } from "./failure.ts";
import {
  createReporter,
  type Reporter,
  type RunSummary,
  RunTally,
  reportSettings,
  targetSummaries,
} from "./output/index.ts";
import { printModules } from "./print-modules.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";
import { version } from "./version.ts";

const tickMs = 100;
/** A run this long is watched: from here on it is worth some speed to know the totals. */
const totalsAfterMs = 400;

/** Where the target is. */
type Place = Parameters<NonNullable<Listener["placed"]>>[0];

/** Runs the sync and returns the exit status. */
export async function runSync(options: Options): Promise<number> {
  const { far: elsewhere } = options.remote;
  if (elsewhere?.module === "") return printModules(options, elsewhere);
  const { capture } = options.own;
  const readsTwice = capture !== undefined || options.own.undo !== undefined;
  const started = readsTwice
    ? readingOnce(surroundings(options.links))
    : surroundings(options.links);
  const output = openOutput(options);
  const around = elsewhere === undefined ? becomeCopier(options, started) : started;
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  let captured = elsewhere === undefined ? record(options, around, reporter) : 0;
  let tally: RunTally | undefined;
  const begin = (labels: readonly ByteString[], place: Place): void => {
    if (options.output.json) tally = new RunTally(labels, options.transfer.dryRun);
    reporter.start(runInfo(options, place, around.workingDirectory));
  };
  const listener: Listener = {
    started: ({ plan, target, created }) => {
      const labels = plan.roots.map(({ label }) => label);
      begin(labels, { label: target?.label ?? "", created });
    },
    placed: (place) => begin(options.sources, place),
    recorded: (exit) => {
      captured = exit;
      if (capture?.isBatch === true) writeBatchScript(options);
    },
    event: (event) => {
      tally?.event(event);
      reporter.event(event);
    },
  };
  const run = openRun(options, around, listener);
  const ticking = setInterval(() => {
    const state = {
      scanComplete: run.scanComplete,
      elapsedMs: systemClock.now() - began,
      ...(tellsSources(run) && { sources: run.sources }),
    };
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
  exit = failure?.exit ?? (exit === 0 ? captured : exit);
  const elapsedMs = systemClock.now() - began;
  const memory = options.output.info.stats > 2 ? memoryUse() : undefined;
  const sources = tellsSources(run) ? run.sources : (tally?.summaries(options.sources) ?? []);
  const targets = targetSummaries(options.target, exit, run.counters);
  finish(reporter, run, { exit, failure, elapsedMs, memory, sources, targets });
  output.close();
  // The last lines may be those that found no room.
  const late = exit === 0 ? output.refusal() : undefined;
  return late === undefined ? exit : tellFailure(options.personality, late);
}

type Run = SyncRun | FarRunOfChoice | RelayRun | MirrorRun | CooperativeRun;

/** Its content comes from sources that are told apart. */
function tellsSources(run: Run): run is MirrorRun | CooperativeRun {
  return run instanceof MirrorRun || run instanceof CooperativeRun;
}

function openRun(options: Options, around: Surroundings, listener: Listener): Run {
  const { far, onward } = options.remote;
  // A trial run has nothing to share.
  if (options.own.cooperate && !options.transfer.dryRun) {
    return new CooperativeRun(options, around, listener);
  }
  if (options.own.mirrors !== undefined) return new MirrorRun(options, around, listener);
  if (far === undefined) return new SyncRun(options, around, listener);
  if (onward === undefined) {
    return new FarRunOfChoice(options, far, around, listener);
  }
  return new RelayRun(options, { source: far, target: onward }, around, listener);
}

/** Writes what undoes the run, and records it, as far as that is wanted, before it begins; returns the exit status that the recording deserves. */
function record(options: Options, around: Surroundings, reporter: Reporter): number {
  const { capture, undo } = options.own;
  const tell = (event: ProgressEvent): void => reporter.event(event);
  const program = `manifold ${version}`;
  // Of sources that are told apart nothing is undone: the run says so.
  if (undo !== undefined && !options.transfer.dryRun && options.own.mirrors === undefined) {
    undoSync(options, around, undo, { tell, program });
  }
  if (capture === undefined) return 0;
  const exit = captureSync(options, around, capture.file, { tell, program });
  if (capture.isBatch) writeBatchScript(options);
  return exit;
}

/** A list on standard input is read twice: by the recording and by the run. */
function readingOnce(around: Surroundings): Surroundings {
  let kept: Uint8Array | undefined;
  return {
    ...around,
    readStandardInput: () => {
      kept ??= around.readStandardInput();
      return kept;
    },
  };
}

function finish(
  reporter: Reporter,
  run: Run,
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
    sent: run instanceof SyncRun ? 0 : run.bytesSent,
    received: run instanceof SyncRun ? 0 : run.bytesReceived,
    sources: end.sources,
    targets: end.targets,
    ...(tellsSources(run) && { shares: run instanceof MirrorRun ? "all" : "part" }),
    ...(end.memory && { memory: end.memory }),
    ...(end.failure === undefined ? {} : { failure: fromText(end.failure.message) }),
  });
}

function runInfo(
  options: Options,
  { label, created }: Place,
  workingDirectory: ByteString,
): Parameters<Reporter["start"]>[0] {
  return {
    sources: options.sources,
    target: options.target,
    targetLabel: label,
    workingDirectory,
    ...(created === undefined ? {} : { created }),
    wholeFile: options.transfer.wholeFile !== false,
    direction: directionOf(options),
  };
}

function directionOf({ remote }: Options): "local" | "pull" | "push" {
  if (remote.far === undefined) return "local";
  return remote.far.role === "source" && remote.onward === undefined ? "pull" : "push";
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
