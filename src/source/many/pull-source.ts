// What a pull knows of one of its sources, and what people see of it.

import type { Source, SourceAbilities } from "../source.ts";
import type { SourceProfile } from "./source-state.ts";
import type { Throttle } from "./throttle.ts";

/** A source that was probed, and what the user wants of it. */
export interface PullSource {
  readonly source: Source;
  readonly abilities: SourceAbilities;
  /** Content is taken of it; false = it only lists. */
  readonly bringsContent: boolean;
  readonly connectionsMax: number;
  /** Bytes a second that may be taken of it. */
  readonly rateMax: number | undefined;
  /** What earlier runs have learnt of it. */
  readonly profile?: SourceProfile | undefined;
}

/** How a source is doing. */
export interface SourceStatus {
  readonly url: string;
  /** Bytes that were of use; files of which it brought most; pieces that it is at. */
  readonly bytes: number;
  readonly files: number;
  readonly connections: number;
  readonly errors: number;
  /** Bytes a second; 0 = it is resting. */
  readonly rate: number;
  /** Why nothing is asked of it, or what went wrong last; undefined = it is well. */
  readonly trouble: string | undefined;
}

/** The same while it goes on. */
export interface RunningSource {
  readonly number: number;
  readonly settings: PullSource;
  readonly throttle: Throttle | undefined;
  working: number;
  bytes: number;
  files: number;
  lies: number;
  trouble: string | undefined;
}
