// Runs `manifold cast` for the command line: joins the cast with a reporter and signals, and tells at the
// end how every target fared.

import { fromText, ManifoldError, systemClock, toBytes, toText } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  type CastResult,
  CastRun,
  type CastTargetResult,
  type CastView,
  closeDescriptor,
  FsError,
  formatCastReport,
  openForWriting,
  writeDescriptor,
} from "../sync/index.ts";
import { type Counters, counterNames } from "../tree/index.ts";
import { openCastDoor } from "./cast-door.ts";
import { tellFailure } from "./failure.ts";
import {
  CastNews,
  castLive,
  castTable,
  createReporter,
  escapeLine,
  escapeModeOf,
  probeTable,
  type Reporter,
  reportSettings,
  type TargetSummary,
  writtenPerSecond,
} from "./output/index.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";

const watchMs = 100;
/** The rate that is shown is that of so long. */
const rateMs = 2000;

/** Casts and returns the exit status: 0 only if every target has everything. */
export async function runCast(options: Options): Promise<number> {
  const { cast } = options.own;
  if (cast === undefined) throw new ManifoldError("usage", "A cast needs --targets.");
  const output = openOutput(options);
  const usual = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  // The table says how it went.
  const settings = { ...usual, info: { ...usual.info, stats: 0 } };
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  const casting = { ...options, own: { ...options.own, cast } };
  const run = new CastRun(casting, surroundings(options.links), (event) => reporter.event(event));
  listenToSignals(run);
  const door = cast.admits === undefined ? undefined : await openCastDoor(casting, run);
  // It also keeps the process alive where targets are waited for that may still come.
  const watching = watch(run, reporter);
  let result: CastResult | undefined;
  let failure: ManifoldError | undefined;
  try {
    result = await run.run();
    writeReport(options, result, systemClock.now() - began);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
  }
  watching.end();
  await door?.close();
  const elapsedMs = systemClock.now() - began;
  if (result !== undefined && options.output.json === undefined && !options.output.quiet) {
    const escaping = escapeModeOf(localeName(), options.output.eightBit, options.personality);
    const { probed } = result;
    const whole = { ...result, elapsedMs, isDryRun: options.transfer.dryRun };
    const table = probed === undefined || result.exit !== 0 ? castTable(whole) : [];
    if (probed !== undefined) table.push(...probeTable(probed));
    const lines = table.map((line) => `${escapeLine(line, escaping)}\n`);
    output.stdout(toBytes(lines.join("")));
  }
  const exit = failure?.exit ?? result?.exit ?? 0;
  reporter.finish({
    ...{ exit, elapsedMs, counters: noCounters(), sources: [] },
    sent: result?.sent ?? 0,
    received: result?.received ?? 0,
    targets: (result?.targets ?? []).map((target) => summaryOf(target, result?.probed)),
    ...(failure && { failure: fromText(failure.message) }),
  });
  output.close();
  const late = exit === 0 ? output.refusal() : undefined;
  return late === undefined ? exit : tellFailure(options.personality, late);
}

/** Shows how far the cast is, until that is to end. */
function watch(run: CastRun, reporter: Reporter): Watch {
  const news = new CastNews();
  const past: { readonly at: number; readonly bytes: number }[] = [];
  const look = (): void => {
    const { view } = run;
    if (view === undefined) return;
    const at = view.elapsedMs;
    // Another stream begins anew.
    if (view.sent < (past.at(-1)?.bytes ?? 0)) past.length = 0;
    past.push({ at, bytes: view.sent });
    while ((past[0]?.at ?? at) < at - rateMs) past.shift();
    const [first = { at, bytes: 0 }] = past;
    const rate = at > first.at ? ((view.sent - first.bytes) * 1000) / (at - first.at) : 0;
    for (const note of news.look(view, rate)) reporter.event(note);
    reporter.show((columns) => castLive(view, rate, columns), fieldsOf(view, rate));
  };
  const timer = setInterval(look, watchMs);
  return {
    end() {
      clearInterval(timer);
      look();
    },
  };
}

/** Somebody who watches. */
interface Watch {
  /** Looks once more, and not again. */
  end(): void;
}

function fieldsOf(view: CastView, rate: number): Readonly<Record<string, unknown>> {
  const counts: Record<string, number> = {};
  for (const { phase } of view.targets) counts[phase] = (counts[phase] ?? 0) + 1;
  return {
    elapsedMs: Math.round(view.elapsedMs),
    bytes: { done: view.sent, total: view.recorded },
    scanComplete: view.isWhole,
    bytesPerSecond: Math.round(rate),
    multicastBytes: view.multicast,
    repeated: Number(view.repeated.toFixed(6)),
    targets: counts,
  };
}

/** Writes the report where one is wanted. Throws ManifoldError. */
function writeReport({ own, links }: Options, result: CastResult, elapsedMs: number): void {
  const path = own.cast?.report;
  if (path === undefined) return;
  const text = toBytes(fromText(formatCastReport(result, elapsedMs)));
  try {
    const descriptor = openForWriting(path, false, links);
    const errno = writeDescriptor(descriptor, text);
    closeDescriptor(descriptor);
    if (errno !== 0) throw new FsError(errno, "write", path);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const message = `Cannot write the report ${toText(path)}: ${error.reason}`;
    throw new ManifoldError("message-io", message, { cause: error });
  }
}

function summaryOf(target: CastTargetResult, probed: CastResult["probed"]): TargetSummary {
  const way = probed?.find(({ name }) => name === target.name);
  const [least = null, middle = null, most = null] = way?.roundTripsMs ?? [];
  const { name, state, stream, multicast, unicast, missingRate, digest, elapsedMs } = target;
  const { exit, reason = null, datagrams } = target;
  return {
    ...{ name, ok: state === "committed", bytes: state === "committed" ? stream : 0 },
    cast: {
      ...{ state, exit, reason, datagrams, multicastBytes: multicast, unicastBytes: unicast },
      missingRate: Number(missingRate.toFixed(6)),
      ...{ digest, seconds: Math.round(elapsedMs) / 1000 },
      ...(way && {
        ...{ probes: way.sent, probesCame: way.came, longestDatagram: way.longest },
        ...{ roundTripLeastMs: least, roundTripMs: middle, roundTrip99Ms: most },
        ...{ receiveBytes: way.receiveBytes, roomBytes: way.roomBytes, clockMs: way.clockMs },
        writtenPerSecond: writtenPerSecond(way.writing) ?? null,
        writeTrouble: way.writing?.reason ?? null,
      }),
    },
  };
}

function noCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
