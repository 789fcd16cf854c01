// What can be expected, as of now: how long the rest will take, how much of it should fall to a source,
// and whether a source can still be of use.

import type { Assignment } from "./assignment.ts";
import type { Backlog, Portion } from "./backlog.ts";
import {
  latenciesPerPiece,
  pieceBytesMax,
  pieceBytesMin,
  pieceBytesMinMost,
  pieceSeconds,
  turnsLeft,
} from "./limits.ts";
import type { SourceState } from "./source-state.ts";

/** Everything that is left, seen at one moment. */
export class Prospects {
  readonly #sources: readonly SourceState[];
  readonly #rests: { readonly mask: number; readonly bytes: number; readonly files: number }[];
  readonly #now: number;
  /** Bytes that were dealt out and have not come, by source. */
  readonly #out: Float64Array;

  constructor(
    sources: readonly SourceState[],
    backlog: Backlog,
    out: Iterable<Assignment>,
    now: number,
  ) {
    this.#sources = sources;
    this.#rests = [...backlog.rests()];
    this.#now = now;
    this.#out = new Float64Array(sources.length);
    for (const { source, left } of out) this.#out[source] = (this.#out[source] as number) + left;
  }

  /** The sets of sources that a source is one of, and that something is left for: first those who have the least help. */
  shelvesOf(source: number): number[] {
    const bit = 1 << source;
    const masks = this.#rests.filter(({ mask }) => (mask & bit) !== 0).map(({ mask }) => mask);
    return masks.sort((a, b) => this.#rateOf(a) - this.#rateOf(b) || a - b);
  }

  /** Bytes of what nobody has begun that should fall to a source, if everybody is to end at the same time. */
  shareOf(source: number): number {
    const { rate, latency, settings, connections } = this.#state(source);
    let share = 0;
    for (const { mask, bytes, files } of this.#rests) {
      if ((mask & (1 << source)) === 0) continue;
      const all = Math.max(rate, this.#rateOf(mask));
      const waits = (files * latency * rate) / (connections * settings.depth);
      share += ((bytes + waits) * rate) / all;
    }
    return share;
  }

  /** Says whether a source can bring the shortest piece before the others are through with everything. */
  isUseful(source: number, mask: number): boolean {
    const state = this.#state(source);
    if (state.priority > this.#priorityOf(mask)) return false;
    if (this.#isFastest(source, mask)) return true;
    // Of whom nobody knows how fast it is, the best is expected until it has shown: one short piece says more than a guess.
    if (!state.isMeasured) return this.#secondsLeft(mask) > this.#secondsOfTry(source, mask);
    const { rate, latency, connections } = state;
    return latency + (shortestPiece(state) * connections) / rate < this.#secondsLeft(mask);
  }

  /** How long the shortest piece of an unknown source takes, if it is as fast as the others are on average. */
  #secondsOfTry(source: number, mask: number): number {
    const state = this.#state(source);
    const latency = state.hasBegun ? state.latency : 0;
    const others = this.#sources.filter((_, i) => i !== source && (mask & (1 << i)) !== 0);
    const rates = others.map((other) => other.expected(this.#now)).filter((rate) => rate > 0);
    const average = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
    return latency + pieceBytesMin / Math.max(state.rate, average);
  }

  /** Somebody has to bring the last piece. */
  #isFastest(source: number, mask: number): boolean {
    const { rate } = this.#state(source);
    const priority = this.#priorityOf(mask);
    return this.#sources.every((other, i) => {
      const counts = (mask & (1 << i)) !== 0 && other.priority === priority;
      return !counts || other.expected(this.#now) <= rate;
    });
  }

  #secondsLeft(mask: number): number {
    let bytes = 0;
    for (const rest of this.#rests) if ((rest.mask & mask) !== 0) bytes += rest.bytes;
    for (const [source, left] of this.#out.entries()) {
      if ((mask & (1 << source)) !== 0) bytes += left;
    }
    return bytes / this.#rateOf(mask);
  }

  /** What those bring together whose turn it is. */
  #rateOf(mask: number): number {
    const priority = this.#priorityOf(mask);
    let rate = 0;
    for (const [source, state] of this.#sources.entries()) {
      const counts = (mask & (1 << source)) !== 0 && state.priority === priority;
      if (counts) rate += state.expected(this.#now);
    }
    return rate;
  }

  /** Whose turn it is: as long as somebody brings anything, those with larger numbers wait. */
  #priorityOf(mask: number): number {
    let priority = Number.POSITIVE_INFINITY;
    for (const [source, state] of this.#sources.entries()) {
      const isWell = (mask & (1 << source)) !== 0 && state.expected(this.#now) > 0;
      if (isWell) priority = Math.min(priority, state.priority);
    }
    return priority;
  }

  #state(source: number): SourceState {
    return this.#sources[source] as SourceState;
  }
}

/** Returns the shortest piece that is worth a source's while. */
export function shortestPiece({ rate, latency, connections }: SourceState): number {
  const waits = (latenciesPerPiece * latency * rate) / connections;
  return Math.max(pieceBytesMin, Math.min(waits, pieceBytesMinMost));
}

/** Returns how much a connection of a source is to take, when `share` should fall to all of them. */
export function portionOf(state: SourceState, share: number): Portion {
  const { rate, latency, connections, settings, isMeasured, needsProbe } = state;
  const shortest = shortestPiece(state);
  const wanted = Math.min(
    (pieceSeconds * rate) / connections,
    share / (turnsLeft * connections),
    pieceBytesMax,
  );
  const isFirst = !isMeasured || needsProbe;
  return {
    bytes: isFirst ? shortest : Math.max(wanted, shortest),
    fileCost: (latency * rate) / (connections * settings.depth),
    ranges: settings.ranges,
  };
}
