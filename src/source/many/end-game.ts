// When there is nothing left to begin: who is free takes over the end of what somebody slower has, so
// that both are through at the same time; where there is nothing to take, a second copy is brought.

import type { Assignment, Part } from "./assignment.ts";
import {
  deadSeconds,
  hedgeGain,
  splitBytesMin,
  stallKeeps,
  stallLatencies,
  stallSeconds,
  stealBytesMin,
} from "./limits.ts";
import type { SourceState } from "./source-state.ts";

interface Victim {
  readonly assignment: Assignment;
  /** Bytes a second; 0 = nothing comes. */
  readonly rate: number;
  /** Seconds until it is through. */
  readonly eta: number;
}

/** Finds what can be taken over. */
export class EndGame {
  readonly #sources: readonly SourceState[];
  readonly #out: ReadonlySet<Assignment>;
  readonly #maskOf: (part: Part) => number;

  constructor(
    sources: readonly SourceState[],
    out: ReadonlySet<Assignment>,
    maskOf: (part: Part) => number,
  ) {
    this.#sources = sources;
    this.#out = out;
    this.#maskOf = maskOf;
  }

  /** Nothing has come for so long that others may take over. */
  isStalled(assignment: Assignment, now: number): boolean {
    const { latency } = this.#source(assignment.source);
    return now - assignment.lastAt > Math.max(stallSeconds, stallLatencies * latency);
  }

  /** Nothing has come for so long that nothing will. */
  isDead(assignment: Assignment, now: number): boolean {
    return now - assignment.lastAt > deadSeconds;
  }

  /** Cuts off the end of somebody's work for a source; empty = nothing is worth it. */
  steal(source: number, now: number): Part[] {
    const { latency, settings } = this.#source(source);
    if (!settings.ranges) return [];
    const rate = this.#rateFor(source, true);
    for (const victim of this.#victims(source, now)) {
      const { assignment, eta } = victim;
      if (assignment.twin !== undefined) continue;
      const both = 1 + rate / victim.rate;
      const bytes = victim.rate === 0 ? assignment.left : (rate * (eta - latency)) / both;
      const most = assignment.left - (victim.rate === 0 ? stallKeeps : 0);
      if (Math.min(bytes, most) < stealBytesMin) continue;
      const parts = assignment.cut(Math.min(bytes, most), splitBytesMin);
      if (parts.length > 0) return parts;
    }
    return [];
  }

  /** Finds work of which a source would bring a second copy sooner than anybody who is at it, wasting at most `budget` bytes. */
  hedge(source: number, budget: number, now: number): Assignment | undefined {
    const { latency, settings } = this.#source(source);
    const rate = this.#rateFor(source, true);
    for (const victim of this.#victims(source, now)) {
      const { assignment, eta } = victim;
      if (assignment.isHedge || assignment.left === 0) continue;
      if (!settings.ranges && assignment.rest().some(({ from }) => from > 0)) continue;
      const seconds = latency + assignment.left / rate;
      const wasted = victim.rate * seconds;
      const soonest = Math.min(eta, this.#etaOf(assignment.twin, now));
      if (hedgeGain * seconds < soonest && wasted <= budget) return assignment;
    }
    return undefined;
  }

  /** Bytes that second copies that are out will have wasted, if they are through first. */
  get waste(): number {
    let bytes = 0;
    for (const assignment of this.#out) {
      const { twin } = assignment;
      if (!assignment.isHedge || twin === undefined) continue;
      bytes += Math.min(assignment.arrived, assignment.bytes - twin.left);
    }
    return bytes;
  }

  /** What others have that a source could bring, who ends last first. */
  #victims(source: number, now: number): Victim[] {
    const bit = 1 << source;
    const victims: Victim[] = [];
    for (const assignment of this.#out) {
      if (assignment.source === source) continue;
      if (assignment.rest().some((part) => (this.#maskOf(part) & bit) === 0)) continue;
      const rate = this.#rateOf(assignment, now);
      const { priority } = this.#source(assignment.source);
      // Whoever is to be asked first, and brings it, is left alone.
      if (rate > 0 && priority < this.#source(source).priority) continue;
      victims.push({ assignment, rate, eta: this.#etaOf(assignment, now) });
    }
    return victims.sort((a, b) => b.eta - a.eta || a.assignment.number - b.assignment.number);
  }

  #rateOf(assignment: Assignment, now: number): number {
    return this.isStalled(assignment, now) ? 0 : this.#rateFor(assignment.source, false);
  }

  /** Seconds until an assignment is through; for ever, if there is none. */
  #etaOf(assignment: Assignment | undefined, now: number): number {
    const rate = assignment === undefined ? 0 : this.#rateOf(assignment, now);
    if (assignment === undefined || rate === 0) return Number.POSITIVE_INFINITY;
    const { latency } = this.#source(assignment.source);
    const waits = assignment.arrived > 0 ? 0 : Math.max(0, latency - (now - assignment.since));
    return waits + assignment.left / rate;
  }

  /** The rate of one of a source's connections; of one more, where it is about to have one. */
  #rateFor(source: number, isOneMore: boolean): number {
    let connections = isOneMore ? 1 : 0;
    for (const other of this.#out) if (other.source === source) connections++;
    return this.#source(source).rate / Math.max(1, connections);
  }

  #source(source: number): SourceState {
    return this.#sources[source] as SourceState;
  }
}
