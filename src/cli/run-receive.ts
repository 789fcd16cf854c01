// Runs `manifold receive` for the command line: the changeset is standard input, and what is done is
// told as a sync tells it.

import { fromText, ManifoldError, systemClock } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  isStandardInputFile,
  ReceiveRun,
  readStandardInputAgain,
  readStandardInputPieces,
} from "../sync/index.ts";
import { tellFailure } from "./failure.ts";
import { createReporter, reportSettings } from "./output/index.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";
import { version } from "./version.ts";

/** Signals and the live line get their turn this often. */
const pauseMs = 50;

/** Applies the changeset and returns the exit status. */
export async function runReceive(options: Options): Promise<number> {
  const around = surroundings();
  const output = openOutput(options);
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  const isRepeatable = isStandardInputFile();
  const pieces = isRepeatable ? readStandardInputAgain : readStandardInputPieces;
  const run = new ReceiveRun(
    {
      options,
      surroundings: around,
      sink: () => undefined,
      standardInput: pieces,
      tell: (event) => reporter.event(event),
      program: `manifold ${version}`,
    },
    { pieces, isRepeatable },
  );
  listenToSignals(run);
  let paused = began;
  const pause = async (): Promise<void> => {
    const now = systemClock.now();
    if (now - paused < pauseMs) return;
    paused = now;
    reporter.tick(run.counters, { scanComplete: false, elapsedMs: now - began });
    await new Promise((resume) => setImmediate(resume));
  };
  let exit = 0;
  let failure: ManifoldError | undefined;
  try {
    exit = await run.run(pause);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
    exit = error.exit;
  }
  if (exit === 0) failure = output.refusal();
  exit = failure?.exit ?? exit;
  reporter.finish({
    exit,
    elapsedMs: systemClock.now() - began,
    counters: run.counters,
    sent: 0,
    received: 0,
    sources: [],
    targets: [],
    ...(failure && { failure: fromText(failure.message) }),
  });
  output.close();
  const late = exit === 0 ? output.refusal() : undefined;
  return late === undefined ? exit : tellFailure(options.personality, late);
}
