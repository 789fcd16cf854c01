// The same run told twice: by rsync itself, and by our reporter from the events of the run.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createReporter, type RunInfo, type RunSummary } from "../../../src/cli/output/index.ts";
import {
  type Counters,
  change,
  type DeleteEvent,
  type ItemEvent,
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
} from "../../../src/tree/index.ts";
import { recordedOutput } from "./recorded-output.ts";
import { observeEvents, runRsync } from "./rsync-oracle.ts";
import { countersOf, sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";

/** One account of a run. */
export interface Told {
  readonly stdout: string;
  readonly log: string;
}

const places = ["src/", "dst"];

/**
 * A run that can be told in many ways. In `folder` there is src, and dst unless the run makes it;
 * `doing` are the options that decide what is done.
 */
export class ComparedRun {
  readonly #folder: string;
  readonly #doing: readonly string[];
  readonly #madeTarget: boolean;
  readonly #events: readonly (ItemEvent | DeleteEvent)[];

  constructor(folder: string, doing: readonly string[]) {
    this.#folder = folder;
    this.#doing = doing;
    this.#madeTarget = !existsSync(`${folder}/dst`);
    if (!this.#madeTarget) spawnSync("mv", ["dst", "kept"], { cwd: folder });
    this.#resetTarget();
    this.#events = observeEvents([...doing, ...places], folder);
  }

  /** Tells the run with these options, both ways. */
  tell(telling: readonly string[]): { readonly rsync: Told; readonly ours: Told } {
    const argv = [...this.#doing, ...telling, ...places];
    this.#resetTarget();
    writeFileSync(`${this.#folder}/log`, "");
    const ran = runRsync(argv, { cwd: this.#folder });
    const log = readFileSync(`${this.#folder}/log`, "latin1");
    const summary = wireSummary(ran.stdout + log, countersFrom(this.#events, isDryRun(argv)));
    return {
      rsync: { stdout: maskTimes(withoutNotes(ran.stdout)), log: maskLog(withoutNotes(log)) },
      ours: this.#tellOurs(argv, summary),
    };
  }

  #tellOurs(argv: readonly string[], summary: RunSummary): Told {
    const info: RunInfo = {
      ...sampleInfo,
      entries: this.#events.filter((event) => event.type === "item").length,
      ...(this.#madeTarget ? { created: { path: "dst", madeByMkpath: 0 } } : {}),
    };
    const output = recordedOutput();
    const reporter = createReporter(settingsOf(argv, "manifold-rsync"), output);
    reporter.start(info);
    for (const event of this.#events) reporter.event(event);
    reporter.finish(summary);
    const { stdout, log } = output.written;
    return { stdout: maskTimes(stdout), log: maskLog(log) };
  }

  #resetTarget(): void {
    rmSync(`${this.#folder}/dst`, { recursive: true, force: true });
    if (!this.#madeTarget) spawnSync("cp", ["-a", "kept", "dst"], { cwd: this.#folder });
  }
}

function isDryRun(argv: readonly string[]): boolean {
  return argv.some((argument) => /^-\w*n/.test(argument));
}

/** Returns the summary whose wire numbers are those that rsync told. */
function wireSummary(told: string, counters: Counters): RunSummary {
  const match = /sent ([\d,]+) bytes {2}received ([\d,]+) bytes(?: {2}([\d,.]+) bytes\/sec)?/.exec(
    told,
  );
  const [sent = 0, received = 0, rate = 0] = (match ?? [])
    .slice(1)
    .map((text) => Number((text ?? "0").replaceAll(",", "")));
  const seconds = rate > 0 ? Math.round((sent + received) / rate - 0.5) : 0;
  return summaryOf({ counters, sent, received, elapsedMs: seconds * 1000 });
}

/** Adds up what the events tell. */
function countersFrom(events: readonly (ItemEvent | DeleteEvent)[], dryRun: boolean): Counters {
  const counters = countersOf();
  for (const event of events) {
    if (event.type === "item") countItem(counters, event, dryRun);
    else counters[isDirectory(event.mode) ? "deletedDirectories" : "deletedRegular"]++;
  }
  return counters;
}

function countItem(counters: Counters, event: ItemEvent, dryRun: boolean): void {
  const { mode, size, changes } = event;
  const [all, created] = kindCounters(mode);
  counters[all]++;
  if (changes & change.created) counters[created]++;
  if (isRegular(mode) || isSymlink(mode)) counters.totalSize += size;
  if (changes & change.transfer) {
    counters.transferredFiles++;
    counters.transferredSize += size;
    if (!dryRun) counters.literal += size;
  }
}

function kindCounters(mode: number): [keyof Counters, keyof Counters] {
  if (isRegular(mode)) return ["regular", "createdRegular"];
  if (isDirectory(mode)) return ["directories", "createdDirectories"];
  if (isSymlink(mode)) return ["symlinks", "createdSymlinks"];
  return isDevice(mode) ? ["devices", "createdDevices"] : ["specials", "createdSpecials"];
}

/** Notes come from stages, not from the faces that are compared here. */
function withoutNotes(text: string): string {
  return text.replace(/^(\d{4}.*\] )?deleting in .*\n/gm, "");
}

/** Times differ, and rsync's item lines do not tell of what type a deleted entry was. */
function maskTimes(text: string): string {
  return text
    .replace(/(File list (?:generation|transfer) time: )[\d.]+/g, "$1T")
    .replace(/(Number of deleted files: \d+) .*/g, "$1");
}

function maskLog(text: string): string {
  return maskTimes(text).replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\d+\] /gm, "");
}
