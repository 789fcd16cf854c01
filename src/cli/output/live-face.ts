// manifold's live progress: a line that is redrawn on a terminal; elsewhere, and only when it was
// asked for, a line a second.

import type { RunView } from "./estimate.ts";
import { liveLine } from "./live-line.ts";
import type { LiveSource, Output } from "./run-info.ts";
import type { Screen } from "./screen.ts";
import type { ReportSettings } from "./settings.ts";
import { sourceRows } from "./source-rows.ts";

/** How live progress is shown. */
export type LiveKind = "none" | "redrawn" | "lines";

const redrawMs = 80;
const lineMs = 1000;
const linesColumns = 1000;

/** Returns how live progress is shown under these settings. */
export function liveKind(settings: ReportSettings, isTerminal: boolean): LiveKind {
  const { personality, quiet, infoStream, listOnly, info } = settings;
  if (personality !== "manifold" || quiet || infoStream !== "stdout" || listOnly) return "none";
  // --progress shows every file instead.
  if (info.progress === 1) return "none";
  if (isTerminal) return "redrawn";
  return info.progress > 1 ? "lines" : "none";
}

/** Shows views of a run. */
export class LiveFace {
  readonly #kind: LiveKind;
  readonly #screen: Screen;
  readonly #output: Output;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(kind: LiveKind, screen: Screen, output: Output) {
    this.#kind = kind;
    this.#screen = screen;
    this.#output = output;
  }

  /** Shows the view unless the last one is too fresh. */
  tick(view: RunView, sources: readonly LiveSource[] = []): void {
    if (this.#kind === "none") return;
    const now = this.#output.clock.now();
    if (now - this.#lastAt < (this.#kind === "lines" ? lineMs : redrawMs)) return;
    this.#lastAt = now;
    const columns = this.#kind === "lines" ? linesColumns : this.#output.columns || 80;
    const line = liveLine(view, columns);
    const rows = sourceRows(sources, columns);
    if (this.#kind === "redrawn") this.#screen.live(line, rows);
    else for (const one of [line, ...rows]) this.#screen.line(one);
  }

  /** Shows lines unless the last ones are too fresh. */
  show(lines: (columns: number) => readonly string[]): void {
    if (this.#kind !== "redrawn") return;
    const now = this.#output.clock.now();
    if (now - this.#lastAt < redrawMs) return;
    this.#lastAt = now;
    const [line = "", ...rows] = lines(this.#output.columns || 80);
    this.#screen.live(line, rows);
  }

  /** Takes the line away. */
  finish(): void {
    this.#screen.wipeLive();
  }
}
