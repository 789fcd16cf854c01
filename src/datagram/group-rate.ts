// The rate of a group: as much as its slowest receiver takes, but that a minority can neither end the
// search for the rate nor hold the others back for long.

import {
  cutTo,
  drownMs,
  growthFast,
  growthSlow,
  minorityShare,
  rateFirst,
  rateFloor,
  searchGain,
  slowMs,
  slowShare,
} from "./limits.ts";
import type { ReceiverModel } from "./receiver-model.ts";

/** How the rate is chosen. */
export interface RateRules {
  /** Bytes a second, never exceeded, and never fallen below. */
  readonly max?: number;
  readonly min?: number;
  /** The share of what the slowest takes that is made use of; by default all of it. */
  readonly share?: number;
  /** Slow receivers are let go. */
  readonly letsGo?: boolean;
}

/** How many receivers of so many may be let go for the others' sake, in all. */
export function minorityOf(count: number): number {
  return count === 3 ? 1 : Math.floor(count * minorityShare);
}

/** Such a rate. */
export class GroupRate {
  readonly #max: number;
  readonly #min: number;
  readonly #share: number;
  readonly #letsGo: boolean;
  #rate: number;
  #isSearching = true;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #slowSince: number | undefined;
  /** Receivers that were let go. */
  #gone = 0;
  /** Receivers that are so slow that they will be, unless that changes within a second; the others do not wait for that. */
  #behind: ReadonlySet<ReceiverModel> = new Set();

  constructor(rules: RateRules) {
    const { max = Number.POSITIVE_INFINITY, min = rateFloor, share = 1, letsGo = true } = rules;
    this.#max = max;
    this.#min = Math.min(min, max);
    this.#share = share;
    this.#letsGo = letsGo;
    this.#rate = Math.min(Math.max(rateFirst, this.#min), max);
  }

  /** Bytes a second. */
  get rate(): number {
    return this.#rate;
  }

  /** The rate still doubles and redoubles: nobody has met a limit. */
  get isSearching(): boolean {
    return this.#isSearching;
  }

  /** It takes so little of what others take that it is going to be let go: what it lacks is not sent again for its sake, as most of that would not reach it either. */
  isBehind(model: ReceiverModel): boolean {
    return this.#behind.has(model);
  }

  /**
   * Chooses anew, after a report.
   * @param isBusy The sender has had something to send all the time: otherwise a higher rate is not tried.
   * @param everyMs The time in which everybody has reported once.
   */
  choose(models: readonly ReceiverModel[], isBusy: boolean, everyMs: number, now: number): void {
    if (models.length === 0) return;
    const caps = models.map(({ cap }) => cap).sort((a, b) => a - b);
    const ignored = this.#mayGo(models.length);
    const knee = caps[ignored] ?? Number.POSITIVE_INFINITY;
    if (this.#isSearching && knee < Number.POSITIVE_INFINITY) this.#isSearching = false;
    this.#behind = new Set(this.#slowest(models).flatMap((index) => models[index] ?? []));
    const limit = this.#isSearching
      ? Math.min(knee, heard(models, ignored))
      : Math.min(caps[this.#behind.size] ?? knee, this.#ceiling(models));
    const growth = this.#isSearching ? growthFast : growthSlow;
    let rate = Math.min(this.#rate, limit);
    // What a change of the rate brings about is heard of a round trip later.
    const wait = Math.max(everyMs, ...models.map(roundTripOf));
    if (isBusy && now - this.#raisedAt >= wait) {
      const raised = Math.min(limit, this.#rate * growth);
      if (raised > this.#rate) {
        rate = raised;
        this.#raisedAt = now;
      }
    }
    this.#rate = Math.min(this.#max, Math.max(this.#min, rate));
  }

  /** Its line takes less than what the rate never falls below, however many have such lines. */
  #drowns({ cap, drownsSince }: ReceiverModel, now: number): boolean {
    if (!this.#letsGo || cap > this.#min || drownsSince === undefined) return false;
    return now - drownsSince >= drownMs;
  }

  /** How many of so many that are left may still be let go. */
  #mayGo(count: number): number {
    return this.#letsGo ? Math.max(0, minorityOf(count + this.#gone) - this.#gone) : 0;
  }

  /** Where only a share of the line is to be used: that of what has come through to everybody at the most. */
  #ceiling(models: readonly ReceiverModel[]): number {
    if (this.#share === 1) return Number.POSITIVE_INFINITY;
    const counted = models.filter((model) => !this.#behind.has(model));
    return this.#share * Math.min(...counted.map(({ deliveredMost }) => deliveredMost));
  }

  /** Returns the receivers that the group had better do without, by their numbers in `models`. */
  slow(models: readonly ReceiverModel[], now: number): readonly number[] {
    const drowning = models.flatMap((model, i) => (this.#drowns(model, now) ? i : []));
    if (drowning.length > 0) return drowning;
    const slowest = this.#slowest(models);
    if (slowest.length === 0) {
      this.#slowSince = undefined;
      return [];
    }
    this.#slowSince ??= now;
    // As long as the rate is searched for they hold nobody back.
    if (this.#isSearching || now - this.#slowSince < slowMs) return [];
    this.#slowSince = undefined;
    this.#gone += slowest.length;
    // The others go on at what they have proved to take.
    const left = models.filter((_, i) => !slowest.includes(i));
    const proven = left.reduce((least, model) => (model.cap < least.cap ? model : least)).proven;
    this.#rate = Math.min(this.#max, Math.max(this.#rate, cutTo * proven));
    return slowest;
  }

  /** Receivers that take less than a share of what the next one has proved to take, as many as may be let go. */
  #slowest(models: readonly ReceiverModel[]): readonly number[] {
    const most = this.#mayGo(models.length);
    if (most === 0) return [];
    const order = models.map((_, i) => i).sort((a, b) => capOf(models, a) - capOf(models, b));
    for (let count = most; count > 0; count--) {
      const last = order[count - 1] as number;
      const next = order[count] as number;
      if (capOf(models, last) < slowShare * (models[next]?.proven ?? 0))
        return order.slice(0, count);
    }
    return [];
  }
}

/** More than a multiple of what is known to come through to most is not tried. */
function heard(models: readonly ReceiverModel[], ignored: number): number {
  const most = models.map(({ deliveredMost }) => deliveredMost).sort((a, b) => a - b);
  return Math.max(rateFirst, searchGain * (most[ignored] ?? 0));
}

function roundTripOf({ roundTripMs }: ReceiverModel): number {
  return Number.isFinite(roundTripMs) ? roundTripMs : 0;
}

function capOf(models: readonly ReceiverModel[], index: number): number {
  return models[index]?.cap ?? Number.POSITIVE_INFINITY;
}
