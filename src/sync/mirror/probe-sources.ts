// Asks sources what they can do, how far away and how fast they are, and which state their trees are in (`manifold sources`).

import { ManifoldError } from "../../base/index.ts";
import type { MirrorPlace, Options } from "../../options/index.ts";
import {
  type MeasuredSource,
  measureSource,
  type Source,
  type SourceAbilities,
  SourceError,
  type TreeState,
  treeStateOf,
} from "../../source/index.ts";
import { splitCommand } from "../far/shell-command.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { rememberRates } from "./known-rates.ts";
import { mirrorPlaces, openSource } from "./open-mirrors.ts";

/** One source, as it was found. */
export interface ProbedSource {
  readonly url: string;
  /** What went wrong, as a sentence; undefined = it answers. */
  readonly trouble: string | undefined;
  readonly abilities: SourceAbilities | undefined;
  /** It can be listed: it could say what the tree is. */
  readonly isListed: boolean;
  readonly measured: MeasuredSource | undefined;
  readonly state: TreeState | undefined;
  /** Seconds behind the newest of those that the same thing tells of; 0 = it is the newest. Undefined = nobody can say. */
  readonly behind: number | undefined;
}

type Look = Omit<ProbedSource, "behind">;

/** Looks at all sources of the options. Rejects with ManifoldError. */
export async function probeSources(
  options: Options,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<ProbedSource[]> {
  const { mirrors } = options.own;
  const places = mirrors === undefined ? [] : mirrorPlaces(mirrors, surroundings);
  const looks = await Promise.all(
    places.map((place) => lookAt(place, { options, surroundings }, signal)),
  );
  const learnt = looks.flatMap(({ url, measured }) =>
    measured?.rate === undefined
      ? []
      : [[url, { rate: measured.rate, latency: measured.latency }] as const],
  );
  rememberRates(surroundings, new Map(learnt));
  return looks.map((look) => ({ ...look, behind: behindOf(look, looks) }));
}

function behindOf({ state }: Look, looks: readonly Look[]): number | undefined {
  if (state?.time === undefined) return undefined;
  const times = looks.flatMap(({ state: other }) =>
    other?.time === undefined || kindOf(other) !== kindOf(state) ? [] : [other.time],
  );
  return times.length < 2 ? undefined : Math.max(...times) - state.time;
}

/** Suites are of one kind, whichever is the newest. */
function kindOf({ from }: TreeState): string {
  return from.startsWith("dists/") ? "dists" : from;
}

interface Ground {
  readonly options: Options;
  readonly surroundings: Surroundings;
}

/** Arbitrary: whoever asks sits there and waits. */
const answerSeconds = 30;

/** Asks what a source can do. Rejects with SourceError, also where nothing is answered. */
async function probe(
  source: Source,
  { surroundings: { clock } }: Ground,
  signal: AbortSignal,
): Promise<SourceAbilities> {
  const silence = new AbortController();
  const stop = clock.after(answerSeconds * 1000, () => {
    const words = `no answer within ${answerSeconds} seconds`;
    silence.abort(new SourceError("connection", words));
  });
  try {
    return await source.probe(AbortSignal.any([signal, silence.signal]));
  } finally {
    stop();
  }
}

async function lookAt(place: MirrorPlace, ground: Ground, signal: AbortSignal): Promise<Look> {
  const shell = splitCommand(ground.options.remote.rsh ?? "ssh");
  const open = (isMirror: boolean): Source => openSource(place.url, { ...ground, shell, isMirror });
  let source = open(false);
  let isListed = true;
  try {
    let abilities: SourceAbilities;
    try {
      abilities = await probe(source, ground, signal);
    } catch (error) {
      if (!(error instanceof SourceError) || error.trouble !== "absent") throw error;
      // Who lists nothing may still be of use as a mirror.
      await source.close();
      source = open(true);
      isListed = false;
      abilities = await probe(source, ground, signal);
    }
    const { clock } = ground.surroundings;
    const connectionsMax = place.connectionsMax ?? abilities.connectionsMax;
    const measured = await measureSource(source, { abilities, clock, connectionsMax }, signal);
    const state = await treeStateOf(source, signal);
    return { url: source.url, trouble: undefined, abilities, isListed, measured, state };
  } catch (error) {
    if (!(error instanceof SourceError) && !(error instanceof ManifoldError)) throw error;
    const { url } = source;
    const nothing = { abilities: undefined, measured: undefined, state: undefined };
    return { url, trouble: error.message, isListed: false, ...nothing };
  } finally {
    await source.close();
  }
}
