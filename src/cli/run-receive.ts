// Runs `manifold receive` for the command line: the changeset is standard input, and what is done is
// told as a sync tells it.

import { type ByteString, fromText, ManifoldError, systemClock, toText } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  type ChangesetInput,
  closeDescriptor,
  FsError,
  fileInput,
  isRegularFile,
  isStandardInputFile,
  openForReading,
  ReceiveRun,
  readStandardInputPieces,
  startOfStandardInput,
} from "../sync/index.ts";
import { tellFailure } from "./failure.ts";
import { createReporter, reportSettings } from "./output/index.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";
import { version } from "./version.ts";

/** Signals and the live line get their turn this often. */
const pauseMs = 50;

/** Where the changeset comes from: standard input, or the file of --read-batch. */
function inputOf(options: Options): ChangesetInput {
  const { readBatch } = options.own;
  if (readBatch !== undefined && readBatch !== "-") return batchInput(readBatch, options.links);
  if (isStandardInputFile()) return fileInput({ descriptor: 0, start: startOfStandardInput() });
  return { pieces: readStandardInputPieces, isRepeatable: false };
}

/** The file stays open until the process ends. */
function batchInput(path: ByteString, links: Options["links"]): ChangesetInput {
  try {
    const descriptor = openForReading(path, links);
    if (isRegularFile(descriptor)) return fileInput({ descriptor, start: 0 });
    closeDescriptor(descriptor);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("io-start", `Batch file "${toText(path)}" open error: ${error.reason}`);
  }
  throw new ManifoldError("io-start", `Batch file "${toText(path)}" is not a regular file`);
}

/** Applies the changeset and returns the exit status. */
export async function runReceive(options: Options): Promise<number> {
  const around = surroundings(options.links);
  const output = openOutput(options);
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  const input = inputOf(options);
  const run = new ReceiveRun(
    {
      options,
      surroundings: around,
      sink: () => undefined,
      standardInput: input.pieces,
      tell: (event) => reporter.event(event),
      program: `manifold ${version}`,
    },
    input,
  );
  listenToSignals(run);
  let paused = began;
  const pause = (): Promise<void> | undefined => {
    const now = systemClock.now();
    if (now - paused < pauseMs) return undefined;
    paused = now;
    reporter.tick(run.counters, { scanComplete: false, elapsedMs: now - began });
    return new Promise((resume) => setImmediate(resume));
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
