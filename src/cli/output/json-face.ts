// The face for programs: events as lines of JSON on standard output, standard error or a file.

import type { ProgressEvent } from "../../tree/index.ts";
import type { RunView } from "./estimate.ts";
import {
  deletionEvent,
  itemEvent,
  type JsonEvent,
  liveSourceEvent,
  problemEvent,
  progressEvent,
  sourceEvent,
  startEvent,
  summaryEvent,
  targetEvent,
} from "./json-events.ts";
import { jsonLine } from "./json-name.ts";
import type { LiveSource, Output, RunInfo, RunSummary } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";

const blockBytes = 32 * 1024;
/** Progress is told this often at most. */
const progressMs = 500;

/** Writes events. */
export class JsonFace {
  readonly #settings: ReportSettings;
  readonly #output: Output;
  #held = "";
  /** What was told; not all of it is met by lanes, which count for themselves. */
  readonly #told = { problems: 0, conflicts: 0 };
  #lastProgress = Number.NEGATIVE_INFINITY;

  constructor(settings: ReportSettings, output: Output) {
    this.#settings = settings;
    this.#output = output;
  }

  /** The run begins. */
  start(info: RunInfo): void {
    this.#write(startEvent(info, this.#settings));
    this.#flush();
  }

  /** Tells of entries and problems. Notes and per-file progress are for people. */
  event(event: ProgressEvent): void {
    if (event.type === "item") this.#write(itemEvent(event));
    else if (event.type === "delete") this.#write(deletionEvent(event));
    else if (event.type === "problem") {
      if (event.operation === "conflict") this.#told.conflicts++;
      else this.#told.problems++;
      this.#write(problemEvent(event));
    }
  }

  /** Tells how far the run is. */
  tick(view: RunView, sources: readonly LiveSource[] = []): void {
    if (view.elapsedMs - this.#lastProgress >= progressMs) {
      this.#lastProgress = view.elapsedMs;
      this.#write(progressEvent(view));
      for (const source of sources) this.#write(liveSourceEvent(source));
    }
    this.#flush();
  }

  /** The same for a run that is no walk through a tree. */
  show(fields: Readonly<Record<string, unknown>>): void {
    const now = this.#output.clock.now();
    if (now - this.#lastProgress < progressMs) return;
    this.#lastProgress = now;
    this.#write({ type: "progress", ...fields });
    this.#flush();
  }

  /** The run has ended. */
  finish(summary: RunSummary): void {
    for (const source of summary.sources) this.#write(sourceEvent(source));
    for (const target of summary.targets) this.#write(targetEvent(target));
    this.#write(summaryEvent(summary, this.#told));
    this.#flush();
  }

  #write(event: JsonEvent): void {
    this.#held += jsonLine(event);
    if (this.#held.length >= blockBytes) this.#flush();
  }

  #flush(): void {
    if (this.#held === "") return;
    const bytes = Buffer.from(this.#held, "latin1");
    this.#held = "";
    if (this.#settings.json === "file") this.#output.json?.(bytes);
    else if (this.#settings.json === "stderr") this.#output.stderr(bytes);
    else this.#output.stdout(bytes);
  }
}
