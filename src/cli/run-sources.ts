// `manifold sources`: looks at sources and tells what was found.

import { type ByteString, fromText, ManifoldError, systemClock, toBytes } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { type ProbedSource, probeSources } from "../sync/index.ts";
import { sumCounters } from "../tree/index.ts";
import { createReporter, escapeLine, escapeModeOf, reportSettings } from "./output/index.ts";
import { jsonLine } from "./output/json-name.ts";
import { probeEvent, sourceReport } from "./output/source-report.ts";
import { openOutput } from "./run-output.ts";
import { listenToSignals } from "./signals.ts";
import { localeName, surroundings } from "./surroundings.ts";

/** One of them does not answer. */
const partialExit = 23;

/** Looks and tells; returns the exit status. */
export async function runSources(options: Options): Promise<number> {
  const output = openOutput(options);
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: false });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  const stopping = new AbortController();
  listenToSignals({ cancel: (error) => stopping.abort(error) });
  let failure: ManifoldError | undefined;
  let exit = 0;
  try {
    const probed = await probeSources(options, surroundings(options.links), stopping.signal);
    if (probed.some(({ trouble }) => trouble !== undefined)) exit = partialExit;
    const { json } = options.output;
    const write = json?.file === undefined ? output.stdout : (output.json ?? output.stdout);
    if (json !== undefined) for (const one of probed) write(bytesOf(jsonLine(probeEvent(one))));
    if (json === undefined || json.file !== undefined) output.stdout(textOf(probed, options));
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
    exit = error.exit;
  }
  reporter.finish({
    ...{ exit, elapsedMs: systemClock.now() - began, counters: sumCounters([]) },
    ...{ sent: 0, received: 0, sources: [], targets: [] },
    ...(failure && { failure: fromText(failure.message) }),
  });
  output.close();
  return exit;
}

function textOf(probed: readonly ProbedSource[], options: Options): Uint8Array {
  const newest = probed.find(({ behind }) => behind === 0)?.url;
  const escaping = escapeModeOf(localeName(), options.output.eightBit, options.personality);
  const lines = probed.flatMap((one) => sourceReport(one, newest));
  return toBytes(lines.map((line) => `${escapeLine(fromText(line), escaping)}\n`).join(""));
}

function bytesOf(line: ByteString): Uint8Array {
  return Buffer.from(line, "latin1");
}
