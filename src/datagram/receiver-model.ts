// What the sender believes of one receiver: how much comes through to it, how much its line loses by
// itself, and so what it can take. Not one number comes from the receiver's word alone: a receiver that
// lies only slows down its group until it is let go as a slow one.

import {
  alarmDatagrams,
  baselineMax,
  baselineMs,
  cutTo,
  drainTo,
  drownShare,
  growthAhead,
  growthFast,
  lateMs,
  lossAlarm,
  mishapMs,
  mishapTo,
  queueMs,
  rateFloor,
  restMs,
  returnMs,
  windowDatagrams,
  windowMs,
  windowMsMax,
  yieldTo,
} from "./limits.ts";
import type { Report } from "./report.ts";

/** The smoothing of loss from window to window. */
const lossMemory = 0.7;
/** Datagrams that there must be before what of them was lost says something of the line. */
const datagramsFirst = 200;
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

/** Windows one after the other, as one, that have lost more than was due. */
interface Suspicion {
  readonly sent: number;
  /** The most that came through in one of them: in others less may have been sent. */
  readonly delivered: number;
  /** Datagrams that were lost without being due. */
  readonly excess: number;
  /** Of these the most in one window: a single mishap loses many at once, too high a rate goes on losing. */
  readonly worst: number;
}

/** A window as it was sent. */
interface Sent {
  /** How long that took. */
  readonly sentMs: number;
  /** All of it was sent after the last cut. */
  readonly isAfterCut: boolean;
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
  /** Since when most of what is sent is lost, in every window; undefined = it is not. */
  drownsSince: number | undefined;
  /** The shortest time that a datagram and the word of it took; infinite = not known. */
  roundTripMs = Number.POSITIVE_INFINITY;
  #samples: Sample[] = [];
  #windows = 0;
  #sent = 0;
  /** Undefined = as few were lost as are due. In few datagrams only many windows together tell chance from too high a rate. */
  #suspicion: Suspicion | undefined;
  #cutAt = Number.NEGATIVE_INFINITY;
  /** What came through before the last cut, and how far below that it went. */
  #level = Number.POSITIVE_INFINITY;
  #depth = 1 - yieldTo;
  /** What the datagram that came last and the word of it took, and windows one after the other in which that was too long. */
  #tookMs = 0;
  #late = 0;
  /** Neither the receiver nor we have been without a processor in this window: what came late waited on the way. */
  #isPunctual = true;
  #clock: number | undefined;
  readonly #everyMs: number;
  #from: Report | undefined;
  /** When the datagram with that report's counter was sent. */
  #fromSentAt: number | undefined;

  /** `everyMs`: between two of its reports. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /**
   * Takes a report.
   * @param sentAt When the datagram with the report's counter was sent; undefined = too long ago to know.
   * @param isHeld It may have waited here, for a processor.
   */
  take(report: Report, sentAt: number | undefined, isHeld: boolean, now: number): void {
    const gap = (report.clock - (this.#clock ?? report.clock)) / 1000;
    this.#clock = report.clock;
    if (isHeld || gap > this.#everyMs + lateMs) this.#isPunctual = false;
    if (sentAt !== undefined) {
      this.#tookMs = Math.max(0, now - sentAt - report.held / 1000);
      this.roundTripMs = Math.min(this.roundTripMs, this.#tookMs);
    }
    const from = this.#from;
    if (from === undefined || report.counter < from.counter || report.clock <= from.clock) {
      this.#begin(report, sentAt);
      return;
    }
    const sent = report.counter - from.counter;
    const lasted = (report.clock - from.clock) / 1000;
    if (lasted < windowMs || (sent < windowDatagrams && lasted < windowMsMax)) return;
    const sentMs = (sentAt ?? now) - (this.#fromSentAt ?? now);
    const isAfterCut = (this.#fromSentAt ?? Number.NEGATIVE_INFINITY) >= this.#cutAt;
    const isLate = this.#isPunctual && this.#tookMs > this.roundTripMs + queueMs;
    this.#late = isLate ? this.#late + 1 : 0;
    this.#begin(report, sentAt);
    this.#judge(from, report, { sentMs: Math.max(sentMs, windowMs / 2), isAfterCut }, now);
  }

  #begin(report: Report, sentAt: number | undefined): void {
    this.#from = report;
    this.#fromSentAt = sentAt;
    this.#isPunctual = true;
  }

  #judge(from: Report, to: Report, { sentMs, isAfterCut }: Sent, now: number): void {
    const sent = to.counter - from.counter;
    const lost = Math.max(0, sent - (to.datagrams - from.datagrams));
    this.delivered = rateBetween(from, to);
    this.deliveredMost = Math.max(this.deliveredMost, this.delivered);
    if (lost <= drownShare * sent) this.drownsSince = undefined;
    else this.drownsSince ??= now;
    if (this.#late >= 2) {
      this.#cut(drainTo * this.delivered, now);
      return;
    }
    if (sent === 0) return;
    const loss = lost / sent;
    // While nothing bounds the rate it grows so fast that too high a rate loses much at once.
    const free = this.cap === Number.POSITIVE_INFINITY ? lossFreeFirst : lossFree;
    const due = sent * (this.baseline + free);
    const suspicion = {
      sent: (this.#suspicion?.sent ?? 0) + sent,
      delivered: Math.max(this.#suspicion?.delivered ?? 0, this.delivered),
      excess: (this.#suspicion?.excess ?? 0) + lost - due,
      worst: Math.max(this.#suspicion?.worst ?? 0, lost - due),
    };
    this.#suspicion = suspicion.excess > 0 ? suspicion : undefined;
    const chance = deviations * Math.sqrt(suspicion.sent * (this.baseline + free)) + datagramsFree;
    const isBad = lost > due && suspicion.excess - suspicion.worst > chance;
    this.#noteLoss(loss, sent, now);
    const isAlarm = lost > alarmDatagrams && loss > lossAlarm;
    if (isBad || isAlarm) {
      // One mishap loses many at once: of what it has taken, the share that was lost is taken off, and no more.
      const kept = this.proven * (1 - lost / sent);
      const measured = Math.max(cutTo * suspicion.delivered, kept);
      // A single window in which most is lost does not tell what can be taken: whoever was without a processor takes all of it afterwards.
      const isFirst = !isBad && now - this.#cutAt > mishapMs;
      this.#cut(measured, now, isFirst ? Math.min(this.proven, this.cap) : 0);
    } else if (lost <= due || this.#suspicion === undefined) {
      const sentBytes = (this.delivered * (to.clock - from.clock) * sent) / 1e6 / (sent - lost);
      this.#grow((sentBytes * 1000) / sentMs, isAfterCut, now);
    }
  }

  #noteLoss(loss: number, sent: number, now: number): void {
    this.loss = this.#windows === 0 ? loss : lossMemory * this.loss + (1 - lossMemory) * loss;
    this.#windows++;
    this.#sent += sent;
    if (this.#sent < datagramsFirst) return;
    this.#samples = this.#samples.filter(({ at }) => now - at < baselineMs);
    this.#samples.push({ at: now, loss: this.loss });
    const least = Math.min(...this.#samples.map((sample) => sample.loss));
    this.baseline = Math.min(least, baselineMax);
  }

  /** The rate was too high: what came through is what can come through. `trusted`: what is believed to, and is tried again soon. */
  #cut(delivered: number, now: number, trusted = 0): void {
    if (now - this.#cutAt < restMs / 2) return;
    const level = Math.max(rateFloor, Math.min(this.cap, delivered / (1 - this.baseline)));
    this.#level = Math.max(level, trusted);
    this.cap = Math.max(rateFloor, yieldTo * level, mishapTo * this.#level);
    this.#depth = 1 - this.cap / this.#level;
    this.proven = Math.min(this.proven, this.#level);
    this.#cutAt = now;
    this.#suspicion = undefined;
  }

  /** `rate`: what was sent, in bytes a second; `isAfterCut`: all of it after the last cut. */
  #grow(rate: number, isAfterCut: boolean, now: number): void {
    // A queue on the way takes more than the line behind it: what came out at its end counts.
    const through = this.delivered / (1 - this.baseline);
    const taken = Math.min(rate, through);
    if (this.#cutAt === Number.NEGATIVE_INFINITY) {
      this.proven = Math.max(this.proven, taken);
      return;
    }
    if (!isAfterCut) return;
    // Whatever was thought of it: it has taken that.
    this.proven = Math.max(this.proven, taken);
    this.cap = Math.max(this.cap, taken);
    // As TCP's cubic does (RFC 9438): soon near to where it was, and slowly there.
    const x = (now - this.#cutAt - returnMs) / returnMs;
    const back = this.#level * (1 + (x < 0 ? this.#depth : 1 - yieldTo) * x ** 3);
    // What is not made use of proves nothing.
    const most = Math.max(this.#level, Math.min(rate * growthFast, through * growthAhead));
    this.cap = Math.max(this.cap, Math.min(back, most));
  }
}

function rateBetween(from: Report, to: Report): number {
  return ((to.bytes - from.bytes) * 1e6) / (to.clock - from.clock);
}
