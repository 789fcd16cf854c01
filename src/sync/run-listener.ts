// Who hears of a run, where its other end is, and how it ended.

import type { ByteString } from "../base/index.ts";
import type { FileSystem } from "../fs/index.ts";
import type { Checksums } from "../rsync/index.ts";
import type { Counters, ProgressEvent } from "../tree/index.ts";
import type { FarClient } from "./conduct/far-ends.ts";
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

/** The source's end of a run, on another machine, or many sources. */
export interface FarRun {
  readonly client: FarClient;
  /** It speaks rsync's protocol, with these checksums. */
  readonly sums?: Checksums | undefined;
  /** What it has to say of its arguments. */
  readonly plan: SourcePlan;
  /** What it was asked for; undefined = it is trusted. */
  readonly asked: AskedTerms | undefined;
  /** Keeps what has come of files in the run's staging directory, under names that begin so; the next run goes on there. */
  readonly keeps?: {
    readonly prefix: ByteString;
    /** Called once that has a name. */
    begin(place: StagingPlace): void;
  };
}

/** Where a run stages. */
export interface StagingPlace {
  readonly fs: FileSystem;
  /** The target's path. */
  readonly target: ByteString;
  readonly job: ByteString;
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
