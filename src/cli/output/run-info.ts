// What a reporter is told at the beginning and at the end of a run, and where it may write.

import type { ByteString, Clock } from "../../base/index.ts";
import type { Counters, ProgressEvent } from "../../tree/index.ts";
import type { MemoryUse } from "./memory-text.ts";

/** Where a reporter writes. All bytes; nothing is ever written twice or out of order. */
export interface Output {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  /** The file of --json=FILE; only called with that option. */
  json?(bytes: Uint8Array): void;
  /** The file of --log-file; only called with that option. */
  log?(bytes: Uint8Array): void;
  /** Standard output is a terminal that can move its cursor. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; read anew for every live line, so it may be a getter. */
  readonly columns: number;
  readonly clock: Clock;
  /** Process id, for log lines and %p. */
  readonly pid: number;
}

/** What is known when the run begins. Paths are byte strings. */
export interface RunInfo {
  /** Source arguments as written. */
  readonly sources: readonly ByteString[];
  /** The destination as written; undefined when listing. */
  readonly target: ByteString | undefined;
  /** How the stages name the target in problems: as written with a slash at the end, or "". */
  readonly targetLabel: ByteString;
  /** Absolute; rsync's wording names files by absolute path. */
  readonly workingDirectory: ByteString;
  /**
   * The target directory when the run makes it (or would): its path, and with --mkpath the number
   * of directories made, 0 without --mkpath.
   */
  readonly created?: {
    readonly path: ByteString;
    readonly madeByMkpath: number;
    /** --mkpath made the target itself, not only what it lies in. */
    readonly isTarget?: boolean;
  };
  /** Number of entries in the file list, where the scan is complete before the run begins. */
  readonly entries?: number;
  /** The delta algorithm is off. */
  readonly wholeFile: boolean;
  /** Where the other end is: "local" for a copy on one machine, "push" to it, "pull" from it. */
  readonly direction: "local" | "push" | "pull";
}

/** How far the run is, for progress. */
export interface RunState {
  readonly scanComplete: boolean;
  readonly elapsedMs: number;
  /** Of a run from many sources, how each is doing. */
  readonly sources?: readonly LiveSource[];
}

/** One of many sources, while the run goes on. */
export interface LiveSource extends SourceSummary {
  /** Bytes a second, and pieces or bundles that are under way; both 0 = it rests. */
  readonly rate: number;
  readonly connections: number;
  /** What went wrong last; undefined = it is well. */
  readonly trouble: string | undefined;
}

/** One source's part in the run. */
export interface SourceSummary {
  readonly url: ByteString;
  readonly bytes: number;
  readonly files: number;
  readonly errors: number;
  /** Of one of many: nothing of it was of use, and why. */
  readonly unused?: string | undefined;
}

/** One target's part in the run. */
export interface TargetSummary {
  readonly name: ByteString;
  readonly ok: boolean;
  readonly bytes: number;
  /** What a cast tells besides, under these names. */
  readonly cast?: Readonly<Record<string, string | number | null>>;
}

/** What is known when the run has ended. */
export interface RunSummary {
  readonly exit: number;
  readonly elapsedMs: number;
  readonly counters: Counters;
  /** Bytes on the wire; 0 for a local copy. */
  readonly sent: number;
  readonly received: number;
  readonly sources: readonly SourceSummary[];
  readonly targets: readonly TargetSummary[];
  /** The sources are told apart, and people hear who brought what: of all content, or of this process's part in it. */
  readonly shares?: "all" | "part" | undefined;
  /** What stopped the run, as a sentence; undefined when it went to its end. */
  readonly failure?: ByteString;
  /** Wanted by --info=stats3 only. */
  readonly memory?: MemoryUse;
  /** The file list on the wire; times in milliseconds. */
  readonly fileList?: {
    readonly size: number;
    readonly generationMs: number;
    readonly transferMs: number;
  };
}

/** Tells of one run: to people, to a log, to programs. */
export interface Reporter {
  /** Somebody watches how far the run is. */
  readonly showsTotals: boolean;
  /** Once, before the first event that concerns an entry. */
  start(info: RunInfo): void;
  /** In listing order. */
  event(event: ProgressEvent): void;
  /** A few times a second, for live progress; also pushes out what was held back. */
  tick(counters: Counters, state: RunState): void;
  /** A few times a second, where a run is no walk through a tree: lines for a terminal, and fields of an event. */
  show(
    lines: (columns: number) => readonly string[],
    fields: Readonly<Record<string, unknown>>,
  ): void;
  /** Once, at the very end, also after a failure. */
  finish(summary: RunSummary): void;
}
