// Runs `manifold cast` for the command line: joins the cast with a reporter and signals, and tells at the
// end how every target fared.

import {
  type ByteString,
  fromText,
  ManifoldError,
  systemClock,
  toBytes,
  toText,
} from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  type CastResult,
  CastRun,
  type CastTargetResult,
  closeDescriptor,
  FsError,
  formatCastReport,
  openForWriting,
  writeDescriptor,
} from "../sync/index.ts";
import { type Counters, counterNames } from "../tree/index.ts";
import { tellFailure } from "./failure.ts";
import {
  castTable,
  createReporter,
  escapeLine,
  escapeModeOf,
  reportSettings,
  type TargetSummary,
} from "./output/index.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";

const aliveMs = 1000;

/** Casts and returns the exit status: 0 only if every target has everything. */
export async function runCast(options: Options): Promise<number> {
  const { cast } = options.own;
  if (cast === undefined) throw new ManifoldError("usage", "A cast needs --targets.");
  const output = openOutput(options);
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  const casting = { ...options, own: { ...options.own, cast } };
  const run = new CastRun(casting, surroundings(), (event) => reporter.event(event));
  listenToSignals(run);
  // Who waits for targets that may still come has nothing else that keeps the process alive.
  const alive = setInterval(() => undefined, aliveMs);
  let result: CastResult | undefined;
  let failure: ManifoldError | undefined;
  try {
    result = await run.run();
    writeReport(cast.report, result, systemClock.now() - began);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
  }
  clearInterval(alive);
  const elapsedMs = systemClock.now() - began;
  if (result !== undefined && options.output.json === undefined && !options.output.quiet) {
    const escaping = escapeModeOf(localeName(), options.output.eightBit, options.personality);
    const table = castTable({ ...result, elapsedMs, isDryRun: options.transfer.dryRun });
    const lines = table.map((line) => `${escapeLine(line, escaping)}\n`);
    output.stdout(toBytes(lines.join("")));
  }
  const exit = failure?.exit ?? result?.exit ?? 0;
  reporter.finish({
    ...{ exit, elapsedMs, counters: noCounters(), sources: [] },
    sent: result?.sent ?? 0,
    received: result?.received ?? 0,
    targets: (result?.targets ?? []).map(summaryOf),
    ...(failure && { failure: fromText(failure.message) }),
  });
  output.close();
  const late = exit === 0 ? output.refusal() : undefined;
  return late === undefined ? exit : tellFailure(options.personality, late);
}

/** Writes the report where one is wanted. Throws ManifoldError. */
function writeReport(path: ByteString | undefined, result: CastResult, elapsedMs: number): void {
  if (path === undefined) return;
  const text = toBytes(fromText(formatCastReport(result, elapsedMs)));
  try {
    const descriptor = openForWriting(path, false);
    const errno = writeDescriptor(descriptor, text);
    closeDescriptor(descriptor);
    if (errno !== 0) throw new FsError(errno, "write", path);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const message = `Cannot write the report ${toText(path)}: ${error.reason}`;
    throw new ManifoldError("message-io", message, { cause: error });
  }
}

function summaryOf(target: CastTargetResult): TargetSummary {
  const { name, state, stream, multicast, unicast, missingRate, digest, elapsedMs } = target;
  const { exit, reason = null, datagrams } = target;
  return {
    ...{ name, ok: state === "committed", bytes: state === "committed" ? stream : 0 },
    cast: {
      ...{ state, exit, reason, datagrams, multicastBytes: multicast, unicastBytes: unicast },
      missingRate: Number(missingRate.toFixed(6)),
      ...{ digest, seconds: Math.round(elapsedMs) / 1000 },
    },
  };
}

function noCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
