// A stage that reads (scan, diff, send, invert, show) in this very thread: it writes what a process of
// its own does, without the cost of starting one. stages.test.ts pins that it does.

import { fromText, systemClock, toBytes } from "../../src/base/index.ts";
import { jsonLine } from "../../src/cli/output/json-name.ts";
import { shownJson } from "../../src/cli/output/show-json.ts";
import { version } from "../../src/cli/version.ts";
import {
  diffTrees,
  invertInput,
  type StageContext,
  scanTree,
  sendContent,
  showFile,
} from "../../src/sync/index.ts";
import { read } from "../options/resolve.ts";

const verbs: Readonly<Record<string, (context: StageContext) => number>> = {
  scan: scanTree,
  diff: diffTrees,
  send: sendContent,
  invert: invertInput,
  show: showAsJson,
};

/** Whether `stageInline` knows the verb. */
export function isInlineStage(verb: string | undefined): boolean {
  return verb !== undefined && verb in verbs;
}

/** Returns what the stage writes in that folder, `show` always as JSON. Throws what stops it, and when it has anything to tell. */
export function stageInline(
  cwd: string,
  argv: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Buffer {
  const home = process.cwd();
  process.chdir(cwd);
  try {
    return runThere(argv, input);
  } finally {
    process.chdir(home);
  }
}

function runThere(argv: readonly string[], input: Uint8Array): Buffer {
  const parsed = read(argv, { personality: "manifold" });
  const stage = verbs[argv[0] ?? ""];
  if (parsed.kind !== "run" || stage === undefined) throw new Error(`${argv[0]} is no stage`);
  const written: Uint8Array[] = [];
  const exit = stage({
    options: parsed.options,
    surroundings: {
      clock: systemClock,
      umask: 0o022,
      euid: process.geteuid?.() ?? 0,
      egid: process.getegid?.() ?? 0,
      groups: process.getgroups?.() ?? [],
      workingDirectory: fromText(process.cwd()),
      home: undefined,
      cvsIgnore: undefined,
      readStandardInput: () => input,
      processors: 2,
      openFilesMax: undefined,
      processorMs: () => 0,
      laneUrl: undefined,
    },
    sink: (bytes) => written.push(bytes.slice()),
    standardInput: () => [input],
    tell: (event) => {
      if (event.type === "problem") throw new Error(JSON.stringify(event));
    },
    program: `manifold ${version}`,
  });
  if (exit !== 0) throw new Error(`manifold ${argv.join(" ")} ended with ${exit}`);
  return Buffer.concat(written);
}

function showAsJson(context: StageContext): number {
  for (const shown of showFile(context)) context.sink(toBytes(jsonLine(shownJson(shown))));
  return 0;
}
