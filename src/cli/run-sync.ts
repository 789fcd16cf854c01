// Runs a sync for the command line: joins the run with a reporter, signals and the clock.

import { fromText, systemClock, toText } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { processorCount, readStandardInput, type Surroundings, SyncRun } from "../sync/index.ts";
import { formatItem } from "../tree/index.ts";

/** Runs the sync and returns the exit status. */
export async function runSync(options: Options): Promise<number> {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
    if (lines.length > 200) process.stdout.write(`${lines.splice(0).join("\n")}\n`);
  };
  const run = new SyncRun(options, surroundings(), {
    started: () => undefined,
    event: (event) => {
      if (event.type === "item")
        say(`${formatItem(event.changes, event.mode)} ${toText(event.path)}`);
      else if (event.type === "delete") say(`*deleting   ${toText(event.path)}`);
      else if (event.type === "note") say(toText(event.text));
      else if (event.type === "problem") {
        process.stderr.write(
          `${event.operation} ${toText(event.path)}: ${event.message ?? event.errno}\n`,
        );
      }
    },
  });
  const { exit, counters } = await run.run();
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
  if (options.output.stats) process.stdout.write(`${JSON.stringify(counters)}\n`);
  return exit;
}

/** Takes the umask off the process, so that modes are what we ask for, and tells the run about it. */
function surroundings(): Surroundings {
  return {
    clock: systemClock,
    umask: process.umask(0),
    euid: process.geteuid?.() ?? 0,
    egid: process.getegid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
    workingDirectory: fromText(process.cwd()),
    home: process.env["HOME"] === undefined ? undefined : fromText(process.env["HOME"]),
    cvsIgnore:
      process.env["CVSIGNORE"] === undefined ? undefined : fromText(process.env["CVSIGNORE"]),
    readStandardInput,
    processors: processorCount(),
    processorMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    laneUrl: new URL("./lane.mjs", import.meta.url),
  };
}
