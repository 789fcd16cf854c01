// A run's reporter: the face for people, the live line and the face for programs, each told the
// same things in the same order.

import type { Counters, ProgressEvent } from "../../tree/index.ts";
import { Estimate } from "./estimate.ts";
import { JsonFace } from "./json-face.ts";
import { LiveFace, liveKind } from "./live-face.ts";
import { LogFile } from "./log-file.ts";
import type { Output, Reporter, RunInfo, RunState, RunSummary } from "./run-info.ts";
import { Screen } from "./screen.ts";
import type { ReportSettings } from "./settings.ts";
import { scannedEntries } from "./stats-text.ts";
import { TextFace } from "./text-face.ts";

/**
 * Makes the reporter of one run. It writes through `output` only, holds back at most 32 KiB a
 * stream between ticks, and keeps nothing of the events it was told.
 */
export function createReporter(settings: ReportSettings, output: Output): Reporter {
  const screen = new Screen(settings, output);
  const log = new LogFile(output, settings.logFormat !== undefined);
  const kind = liveKind(settings, output.isTerminal);
  const text = new TextFace(settings, { output, screen, log, liveShown: kind === "redrawn" });
  const live = new LiveFace(kind, screen, output);
  const json = settings.json === "none" ? undefined : new JsonFace(settings, output);
  const estimate = kind === "none" && json === undefined ? undefined : new Estimate();
  return {
    showsTotals: estimate !== undefined || settings.info.progress > 0,
    start(info: RunInfo): void {
      json?.start(info);
      text.start(info);
      screen.flush();
    },
    event(event: ProgressEvent): void {
      text.event(event);
      json?.event(event);
    },
    tick(counters: Counters, state: RunState): void {
      text.tick(counters, state);
      if (estimate !== undefined) {
        const view = estimate.update(counters, scannedEntries(counters), state);
        live.tick(view, state.sources);
        json?.tick(view, state.sources);
      }
      screen.flush();
      log.flush();
    },
    show(lines, fields): void {
      live.show(lines);
      json?.show(fields);
      screen.flush();
      log.flush();
    },
    finish(summary: RunSummary): void {
      live.finish();
      text.finish(summary);
      screen.flush();
      log.flush();
      json?.finish(summary);
    },
  };
}
