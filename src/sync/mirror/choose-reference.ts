// Which of several sources says what the tree is, when that is not simply the first one.

import { fromText, ManifoldError, toText } from "../../base/index.ts";
import type { MirrorPlace, Options, ReferencePolicy } from "../../options/index.ts";
import { SourceError, type TreeState, treeStateOf } from "../../source/index.ts";
import type { NoteEvent } from "../../tree/index.ts";
import { splitCommand } from "../far/shell-command.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { openSource } from "./open-mirrors.ts";

/** The sources in the order in which they count, the reference first, and what is to be told of that. */
export interface ChosenReference {
  readonly places: readonly MirrorPlace[];
  readonly note: NoteEvent | undefined;
}

/** A state, as far as it is compared with those of other sources. */
export type KnownState = Pick<TreeState, "from" | "time">;

interface Ground {
  readonly options: Options;
  readonly surroundings: Surroundings;
}

/** Chooses as --reference says. Rejects with ManifoldError. */
export async function chooseReference(
  places: readonly MirrorPlace[],
  ground: Ground,
  signal: AbortSignal,
): Promise<ChosenReference> {
  const policy = ground.options.own.mirrors?.reference ?? "first";
  if (policy === "first" || places.length < 2) return { places, note: undefined };
  const states = await Promise.all(places.map((place) => stateOf(place, ground, signal)));
  const chosen = chosenOf(policy, states);
  const place = places[chosen];
  const state = states[chosen];
  if (place === undefined) return { places, note: undefined };
  const others = places.filter((_, number) => number !== chosen);
  const by = state === undefined ? "nothing tells how new it is" : `by ${toText(state.from)}`;
  const text = fromText("the reference is ") + place.url + fromText(` (${by})`);
  return {
    places: [place, ...others],
    note: { type: "note", topic: "misc", level: 1, text },
  };
}

/** Returns the number of the source that a policy takes; of equals, and of those that cannot be compared, the first. */
export function chosenOf(
  policy: ReferencePolicy,
  states: readonly (KnownState | undefined)[],
): number {
  if (policy === "first") return 0;
  return policy === "freshest" ? freshest(states) : quorum(states);
}

/** Returns the number of the newest one; the first of those that are as new, and of those whose states cannot be compared. */
export function freshest(states: readonly (KnownState | undefined)[]): number {
  let best = states.findIndex((state) => state !== undefined);
  for (const [number, state] of states.entries()) {
    const known = states[best];
    if (state?.time === undefined || known?.time === undefined) continue;
    if (kindOf(state) === kindOf(known) && state.time > known.time) best = number;
  }
  return Math.max(0, best);
}

/** Returns the number of the first one at the newest state that at least half of all have; without any, as freshest(). */
export function quorum(states: readonly (KnownState | undefined)[]): number {
  const isSame = (one: KnownState, other: KnownState | undefined): boolean =>
    other !== undefined && kindOf(one) === kindOf(other) && one.time === other.time;
  const common = states.map((state) => {
    if (state?.time === undefined) return undefined;
    const count = states.filter((other) => isSame(state, other)).length;
    return 2 * count >= states.length ? state : undefined;
  });
  return freshest(common.some((state) => state !== undefined) ? common : states);
}

/** Suites are of one kind, whichever is the newest. */
function kindOf({ from }: KnownState): string {
  return from.startsWith("dists/") ? "dists" : from;
}

/** Who only brings content, does not answer or cannot be listed is at no state. */
async function stateOf(
  place: MirrorPlace,
  { options, surroundings }: Ground,
  signal: AbortSignal,
): Promise<TreeState | undefined> {
  if (place.role === "data") return undefined;
  const shell = splitCommand(options.remote.rsh ?? "ssh");
  const source = openSource(place.url, { options, surroundings, shell, isMirror: false });
  try {
    await source.probe(signal);
    return await treeStateOf(source, signal);
  } catch (error) {
    if (error instanceof SourceError || (error instanceof ManifoldError && !signal.aborted)) {
      return undefined;
    }
    throw error;
  } finally {
    await source.close();
  }
}
