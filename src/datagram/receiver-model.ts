// What the sender believes of one receiver: how much comes through to it, how much its line loses by
// itself, and so what it can take. Not one number comes from the receiver's word alone: a receiver that
// lies only slows down its group until it is let go as a slow one.

import {
  baselineMax,
  baselineMs,
  cutTo,
  growthFast,
  growthSlow,
  lossAlarm,
  rateFloor,
  restMs,
  windowDatagrams,
  windowMs,
  windowMsMax,
} from "./limits.ts";
import type { Report } from "./report.ts";

/** The smoothing of loss from window to window. */
const lossMemory = 0.7;
/** Windows of loss that there must be before any of it is taken for the line's own. */
const windowsFirst = 4;
/** How many standard deviations of chance are no sign of too high a rate. */
const deviations = 3;
const datagramsFree = 3;
const lossFree = 0.02;
const lossFreeFirst = 0.08;

/** One window's loss, for the baseline. */
interface Sample {
  readonly at: number;
  readonly loss: number;
}

/** Such beliefs. */
export class ReceiverModel {
  /** What it can take, in bytes a second; infinite = no limit has been met. */
  cap = Number.POSITIVE_INFINITY;
  /** The highest rate that it has taken without undue loss. */
  proven = 0;
  /** What came through in the last window, and at the most in any. */
  delivered = 0;
  deliveredMost = 0;
  /** Smoothed loss, and that of the line alone. */
  loss = 0;
  baseline = 0;
  /** The shortest time that a datagram and the word of it took; infinite = not known. */
  roundTripMs = Number.POSITIVE_INFINITY;
  #samples: Sample[] = [];
  #windows = 0;
  #bad = 0;
  #cutAt = Number.NEGATIVE_INFINITY;
  #from: Report | undefined;
  #badFrom: Report | undefined;

  /**
   * Takes a report.
   * @param sentAt When the datagram with the report's counter was sent; undefined = too long ago to know.
   * @param rate What is sent at the moment.
   */
  take(report: Report, sentAt: number | undefined, rate: number, now: number): void {
    if (sentAt !== undefined) {
      const took = now - sentAt - report.held / 1000;
      if (took >= 0) this.roundTripMs = Math.min(this.roundTripMs, took);
    }
    const from = this.#from;
    if (from === undefined || report.counter < from.counter || report.clock <= from.clock) {
      this.#from = report;
      return;
    }
    const sent = report.counter - from.counter;
    const lasted = (report.clock - from.clock) / 1000;
    if (lasted < windowMs || (sent < windowDatagrams && lasted < windowMsMax)) return;
    this.#from = report;
    this.#judge(from, report, rate, now);
  }

  #judge(from: Report, to: Report, rate: number, now: number): void {
    const sent = to.counter - from.counter;
    const lost = Math.max(0, sent - (to.datagrams - from.datagrams));
    this.delivered = rateBetween(from, to);
    this.deliveredMost = Math.max(this.deliveredMost, this.delivered);
    if (sent === 0) return;
    const loss = lost / sent;
    const expected = sent * this.baseline;
    // While nothing bounds the rate it grows so fast that too high a rate loses much at once.
    const free = this.cap === Number.POSITIVE_INFINITY ? lossFreeFirst : lossFree;
    const excess =
      expected + deviations * Math.sqrt(expected) + Math.max(datagramsFree, free * sent);
    const isBad = lost > excess;
    this.#bad = isBad ? this.#bad + 1 : 0;
    if (this.#bad === 1) this.#badFrom = from;
    this.#noteLoss(loss, now);
    if (this.#bad >= 2 || (isBad && loss > lossAlarm)) this.#cut(to, now);
    else if (!isBad) this.#grow(rate, now);
  }

  #noteLoss(loss: number, now: number): void {
    this.loss = this.#windows === 0 ? loss : lossMemory * this.loss + (1 - lossMemory) * loss;
    this.#windows++;
    this.#samples = this.#samples.filter(({ at }) => now - at < baselineMs);
    this.#samples.push({ at: now, loss: this.loss });
    if (this.#windows < windowsFirst) return;
    const least = Math.min(...this.#samples.map((sample) => sample.loss));
    this.baseline = Math.min(least, baselineMax);
  }

  /** The rate was too high: what came through is what can come through. */
  #cut(to: Report, now: number): void {
    if (now - this.#cutAt < restMs / 2) return;
    const came = this.#badFrom === undefined ? this.delivered : rateBetween(this.#badFrom, to);
    const through = (cutTo * came) / (1 - this.baseline);
    this.cap = Math.max(rateFloor, Math.min(this.cap, through));
    this.#cutAt = now;
    this.#bad = 0;
  }

  #grow(rate: number, now: number): void {
    this.proven = Math.max(this.proven, Math.min(rate, this.cap));
    if (now - this.#cutAt < restMs) return;
    // What is not made use of proves nothing.
    if (this.cap < rate * growthFast) this.cap *= growthSlow;
  }
}

function rateBetween(from: Report, to: Report): number {
  return ((to.bytes - from.bytes) * 1e6) / (to.clock - from.clock);
}
