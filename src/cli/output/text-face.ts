// The face for people: lines in rsync's shapes (or manifold's words where they differ) on the
// screen and in the log.

import type { ByteString } from "../../base/index.ts";
import type { Counters, NoteEvent, ProblemEvent, ProgressEvent } from "../../tree/index.ts";
import { closingLines, failureLines, logClosingLine, type ProblemTally } from "./ending.ts";
import { listHead, targetHeadLines } from "./head-text.ts";
import type { FieldContext } from "./item-fields.ts";
import { ItemLines } from "./item-lines.ts";
import type { LogFile } from "./log-file.ts";
import { isNoteWanted } from "./note-gate.ts";
import { manifoldProblemLine, type PathPlaces, rsyncProblemLines } from "./problem-text.ts";
import type { Output, RunInfo, RunState, RunSummary } from "./run-info.ts";
import { FileProgressLines, WholeRunProgress } from "./run-progress.ts";
import type { Screen } from "./screen.ts";
import type { ReportSettings } from "./settings.ts";

/** Where lines go. */
export interface TextPlaces {
  readonly output: Output;
  readonly screen: Screen;
  readonly log: LogFile;
  /** manifold's live line is shown, so its closing line is too. */
  readonly liveShown: boolean;
}

/** Writes lines. */
export class TextFace {
  readonly #settings: ReportSettings;
  readonly #places: TextPlaces;
  readonly #items: ItemLines;
  readonly #fileProgress: FileProgressLines | undefined;
  readonly #wholeRun: WholeRunProgress | undefined;
  readonly #tally: ProblemTally = { told: 0, vanished: 0, conflicts: 0 };
  #direction: RunInfo["direction"] = "local";
  #paths: PathPlaces = { workingDirectory: "", targetLabel: "" };

  constructor(settings: ReportSettings, places: TextPlaces) {
    this.#settings = settings;
    this.#places = places;
    const { output, screen, log } = places;
    const face = this;
    const context: FieldContext = {
      settings,
      pid: output.pid,
      wallTime: () => output.clock.wallTime(),
      get direction() {
        return face.#direction;
      },
    };
    const { clock, isTerminal } = output;
    this.#items = new ItemLines(settings, { screen, log, context, clock, isTerminal });
    const display = { screen, clock: output.clock, numbers: settings.numbers };
    const { progress } = settings.info;
    if (progress === 1) {
      this.#fileProgress = new FileProgressLines(display, (path) => this.#items.announce(path));
    }
    if (progress > 1 && settings.personality === "manifold-rsync") {
      this.#wholeRun = new WholeRunProgress(display);
    }
  }

  /** The run begins. */
  start(info: RunInfo): void {
    this.#direction = info.direction;
    this.#paths = info;
    const { screen, log } = this.#places;
    for (const line of this.#settings.agreements) this.#told(line);
    const head = listHead(info, this.#settings);
    for (const line of head.log) log.line(line);
    for (const line of head.screen) {
      // The count overwrites itself, so its line has a carriage return that must stay one.
      if (line.includes("\r")) screen.progress(`${line}\n`, false);
      else screen.line(line);
    }
    for (const line of targetHeadLines(info, this.#settings)) this.#told(line);
  }

  /** Something happened. */
  event(event: ProgressEvent): void {
    switch (event.type) {
      case "item":
        this.#items.item(event);
        break;
      case "delete":
        this.#items.deletion(event);
        break;
      case "problem":
        this.#problem(event);
        break;
      case "note":
        this.#note(event);
        break;
      case "file-progress":
        this.#fileProgress?.event(event);
        break;
    }
  }

  /** Time has passed. */
  tick(counters: Counters, state: RunState): void {
    this.#items.tick();
    this.#fileProgress?.tick(counters, state);
    this.#wholeRun?.tick(counters, state);
  }

  /** The run has ended. */
  finish(summary: RunSummary): void {
    const { screen, log, liveShown } = this.#places;
    this.#items.finish();
    this.#wholeRun?.finish(summary);
    screen.endLine();
    this.#matchReport(summary);
    const shown = { live: liveShown, pid: this.#places.output.pid };
    for (const line of closingLines(summary, this.#settings, shown)) {
      screen.line(line);
      if (line !== "") log.line(line);
    }
    const closing = logClosingLine(summary, this.#settings);
    if (closing !== undefined) log.line(closing);
    for (const line of failureLines(summary, this.#settings.personality, this.#tally)) {
      this.#error(line);
    }
  }

  #problem(event: ProblemEvent): void {
    this.#tally.told++;
    if (event.exit === 24) this.#tally.vanished++;
    if (event.operation === "conflict") this.#tally.conflicts++;
    if (this.#settings.personality === "manifold") this.#error(manifoldProblemLine(event));
    else for (const line of rsyncProblemLines(event, this.#paths)) this.#error(line);
  }

  #note(event: NoteEvent): void {
    if (isNoteWanted(event, this.#settings)) this.#told(event.text);
  }

  /** rsync's account of the delta algorithm. */
  #matchReport({ counters, failure }: RunSummary): void {
    const { personality, debug } = this.#settings;
    if (personality !== "manifold-rsync" || debug.deltasum < 1 || failure !== undefined) return;
    const { matches, hashHits, falseAlarms, literal } = counters;
    this.#both(
      `total: matches=${matches}  hash_hits=${hashHits}  false_alarms=${falseAlarms} data=${literal}`,
    );
  }

  /** What -q silences where it arises: it does not reach the log either. */
  #told(line: ByteString): void {
    if (!this.#settings.quiet) this.#both(line);
  }

  #both(line: ByteString): void {
    this.#places.screen.line(line);
    this.#places.log.line(line);
  }

  #error(line: ByteString): void {
    this.#places.screen.errorLine(line);
    this.#places.log.line(line);
  }
}
