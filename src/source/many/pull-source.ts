// What a pull knows of one of its sources, and what people see of it.

import type { Clock } from "../../base/index.ts";
import type { Source, SourceAbilities } from "../source.ts";
import type { SourceProfile, SourceSettings } from "./source-state.ts";
import { Throttle } from "./throttle.ts";

/** A source that was probed, and what the user wants of it. */
export interface PullSource {
  readonly source: Source;
  readonly abilities: SourceAbilities;
  /** Content is taken of it; false = it only lists. */
  readonly bringsContent: boolean;
  readonly connectionsMax: number;
  /** Bytes a second that may be taken of it. */
  readonly rateMax: number | undefined;
  /** Whoever has a larger number than others brings what these cannot; undefined = 1. */
  readonly priority?: number | undefined;
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
  /** Nothing of it was of use so far, and why; undefined = something was. */
  readonly unused: string | undefined;
}

/** The same while it goes on. */
export interface RunningSource {
  readonly number: number;
  readonly settings: PullSource;
  readonly throttle: Throttle | undefined;
  working: number;
  /** Pieces and bundles that it was given, and those for which it had another file, or none. */
  asked: number;
  lacking: number;
  bytes: number;
  files: number;
  lies: number;
  trouble: string | undefined;
}

/** Returns a source that has done nothing yet. */
export function runningSource(settings: PullSource, number: number, clock: Clock): RunningSource {
  const { rateMax } = settings;
  return {
    ...{ number, settings, working: 0, asked: 0, lacking: 0 },
    ...{ bytes: 0, files: 0, lies: 0, trouble: undefined },
    throttle: rateMax === undefined ? undefined : new Throttle(rateMax, clock),
  };
}

/** Returns what dealing has to know of a source. */
export function dealtAs(source: PullSource): SourceSettings {
  const { abilities, connectionsMax, rateMax, profile, priority } = source;
  return {
    ...{ connectionsMax, priority, depth: abilities.depth, ranges: abilities.ranges },
    ...(rateMax !== undefined && { rateMax }),
    ...(profile !== undefined && { profile }),
  };
}

/** Says why nothing of a source was of use; undefined where something was, or nothing was wanted. `canAgree`: what it has can be compared. */
export function whyUnused(
  { settings, bytes, asked, lacking, trouble }: RunningSource,
  canAgree: boolean,
): string | undefined {
  if (bytes > 0 || trouble !== undefined) return undefined;
  if (!settings.bringsContent) return "it only lists";
  if (!canAgree) return "it tells no times, and nothing has digests: nobody knows what it has";
  if (asked === 0) return "the others were through before it could have helped";
  return lacking === asked ? "it has other files, or none, in their place" : undefined;
}
