// Who hears of a run, where its other end is, and how it ended.

import type { ByteString } from "../base/index.ts";
import type { Counters, ProgressEvent } from "../tree/index.ts";
import type { SourceClient } from "./far/source-client.ts";
import type { AskedPaths } from "./plan/asked-paths.ts";
import type { SourcePlan } from "./plan/plan-sources.ts";
import type { Endpoints } from "./plan/run-ends.ts";

/** Who hears of a run. */
export interface Listener {
  started(endpoints: Endpoints): void;
  event(event: ProgressEvent): void;
  /** The target's end, on another machine, has found or made its place. */
  placed?(place: Pick<Endpoints, "created"> & { readonly label: ByteString }): void;
  /** A run with another machine has been recorded, and its file deserves this exit status. */
  recorded?(exit: number): void;
}

/** The source's end of a run, on another machine. */
export interface FarRun {
  readonly client: SourceClient;
  /** What it has to say of its arguments. */
  readonly plan: SourcePlan;
  /** What it was asked for; undefined = it is trusted. */
  readonly asked: AskedTerms | undefined;
}

/** What a source is held against: its names too, unless nobody here knows what was asked for. */
export interface AskedTerms {
  readonly paths: AskedPaths | undefined;
}

/** How a run ended. */
export interface SyncResult {
  readonly exit: number;
  readonly counters: Counters;
}
