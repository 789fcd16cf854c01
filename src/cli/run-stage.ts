// Runs a stage that stands alone (scan, diff, send, show, invert) for the command line: its records go
// to standard output, everything it has to tell to standard error.

import {
  AssertionError,
  errno,
  fromText,
  ManifoldError,
  systemClock,
  toBytes,
} from "../base/index.ts";
import type { Options, Verb } from "../options/index.ts";
import {
  diffTrees,
  invertInput,
  readStandardInputPieces,
  type Shown,
  type StageContext,
  scanTree,
  sendContent,
  showFile,
  writeDescriptor,
} from "../sync/index.ts";
import { type Counters, counterNames } from "../tree/index.ts";
import { createReporter, escapeLine, escapeModeOf, reportSettings } from "./output/index.ts";
import { jsonLine } from "./output/json-name.ts";
import { shownJson } from "./output/show-json.ts";
import { shownLines } from "./output/show-lines.ts";
import { openOutput } from "./run-output.ts";
import { localeName, surroundings } from "./surroundings.ts";
import { version } from "./version.ts";
import { unwritten } from "./write-text.ts";

/** Thrown when whoever reads standard output has gone: there is nobody to go on for. */
class ReaderGone extends Error {}

const blockBytes = 64 * 1024;

/** Runs the stage and returns the exit status. */
export async function runStage(verb: Verb, options: Options): Promise<number> {
  if (verb !== "show") refuseTerminal(verb);
  const output = openOutput(options);
  const settings = reportSettings(options, { locale: localeName(), stdoutCarriesData: true });
  const reporter = createReporter(settings, output);
  const began = systemClock.now();
  let counters = noCounters();
  const context: StageContext = {
    options,
    surroundings: surroundings(options.links),
    finished: (totals) => {
      counters = countersOf(verb, totals);
    },
    sink: writeOut,
    standardInput: readStandardInputPieces,
    tell: (event) => reporter.event(event),
    program: `manifold ${version}`,
  };
  let exit = 0;
  let failure: ManifoldError | undefined;
  try {
    exit = verb === "show" ? show(context) : stageOf(verb)(context);
  } catch (error) {
    if (error instanceof ReaderGone) return 0;
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
    exit = error.exit;
  }
  if (verb !== "show" || failure !== undefined)
    reporter.finish({
      exit,
      elapsedMs: systemClock.now() - began,
      counters,
      sent: 0,
      received: 0,
      sources: [],
      targets: [],
      ...(failure && { failure: fromText(failure.message) }),
    });
  output.close();
  return exit;
}

function stageOf(verb: Verb): (context: StageContext) => number {
  if (verb === "scan") return scanTree;
  if (verb === "diff") return diffTrees;
  if (verb === "send") return sendContent;
  if (verb === "invert") return invertInput;
  throw new AssertionError(`The verb ${verb} is no stage.`);
}

function refuseTerminal(verb: Verb): void {
  if (process.stdout.isTTY !== true) return;
  throw new ManifoldError(
    "usage",
    `${verb} writes records, which a terminal cannot show: send them to a file or a pipe`,
  );
}

function writeOut(bytes: Uint8Array): void {
  const refused = writeDescriptor(1, bytes);
  if (refused === errno.EPIPE) throw new ReaderGone();
  if (refused !== 0) throw unwritten("standard output", refused);
}

/** Prints what a file says, as lines or as JSON. */
function show(context: StageContext): number {
  const { output } = context.options;
  const escaping = escapeModeOf(localeName(), output.eightBit, context.options.personality);
  let held = "";
  const flush = (): void => {
    writeOut(toBytes(held));
    held = "";
  };
  const asText = (shown: Shown): string =>
    shownLines(shown, output.humanReadable)
      .map((line) => `${escapeLine(line, escaping)}\n`)
      .join("");
  for (const shown of showFile(context)) {
    held += output.json === undefined ? asText(shown) : jsonLine(shownJson(shown));
    if (held.length > blockBytes) flush();
  }
  flush();
  return 0;
}

/** What a stage wrote, as a run counts it; totals do not tell types of entries apart. */
function countersOf(
  verb: Verb,
  totals: Parameters<NonNullable<StageContext["finished"]>>[0],
): Counters {
  const counters = noCounters();
  counters.totalSize = totals.bytes;
  counters.literal = totals.literal;
  if (verb === "scan") return { ...counters, regular: totals.entries };
  return {
    ...counters,
    createdRegular: totals.add,
    changed: totals.change + totals.meta,
    moved: totals.move,
    linked: totals.link,
    deletedRegular: totals.del,
  };
}

function noCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
