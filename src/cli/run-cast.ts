// Runs `manifold cast` for the command line: joins the cast with a reporter and signals, and tells at the
// end how every target fared.

import { type ByteString, fromText, ManifoldError, systemClock, toBytes } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { type CastResult, CastRun } from "../sync/index.ts";
import { type Counters, counterNames } from "../tree/index.ts";
import { tellFailure } from "./failure.ts";
import { createReporter, escapeLine, escapeModeOf, reportSettings } from "./output/index.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";

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
  let result: CastResult | undefined;
  let failure: ManifoldError | undefined;
  try {
    result = await run.run();
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
  }
  const elapsedMs = systemClock.now() - began;
  if (result !== undefined && options.output.json === undefined && !options.output.quiet) {
    const escaping = escapeModeOf(localeName(), options.output.eightBit, options.personality);
    const lines = linesOf(result, elapsedMs).map((line) => `${escapeLine(line, escaping)}\n`);
    output.stdout(toBytes(lines.join("")));
  }
  const exit = failure?.exit ?? result?.exit ?? 0;
  reporter.finish({
    ...{ exit, elapsedMs, counters: noCounters(), sources: [] },
    sent: result?.sent ?? 0,
    received: result?.received ?? 0,
    targets: (result?.targets ?? []).map(({ name, state, pulled }) => ({
      ...{ name, ok: state === "committed", bytes: pulled },
    })),
    ...(failure && { failure: fromText(failure.message) }),
  });
  output.close();
  const late = exit === 0 ? output.refusal() : undefined;
  return late === undefined ? exit : tellFailure(options.personality, late);
}

/** A line for each target, the troubled ones with what troubled them, and one for all. */
function linesOf(result: CastResult, elapsedMs: number): ByteString[] {
  const { targets, stream, multicast } = result;
  const width = Math.max(...targets.map(({ name }) => name.length));
  const lines = targets.map((target) => {
    const { name, state, datagrams, pulled, reason, exit } = target;
    const why = reason === undefined ? "" : `: ${fromText(reason)}`;
    const status = exit === 0 ? "" : ` (exit ${exit})`;
    const came = `${datagrams} datagrams, ${pulled} blocks over its connection`;
    return `${name.padEnd(width)}  ${state}${status}, ${came}${why}`;
  });
  const done = targets.filter(({ state }) => state === "committed").length;
  const seconds = (elapsedMs / 1000).toFixed(2);
  const all = `${done} of ${targets.length} targets have everything`;
  return [...lines, `${all}: ${stream} bytes, ${multicast} in datagrams, ${seconds} s`];
}

function noCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
