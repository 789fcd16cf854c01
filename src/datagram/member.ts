// One receiver as the sender's group knows it: how far it has come, when it was heard, and whether the group
// had better go on without it.

import {
  deafDatagrams,
  deafMs,
  deafReports,
  repairsFree,
  silentMs,
  stuckMs,
  stuckReports,
} from "./limits.ts";
import { ReceiverModel } from "./receiver-model.ts";
import type { Report } from "./report.ts";

/** Why the group goes on without a receiver: "deaf" = it speaks, but no datagram has ever reached it. */
export type ReleaseReason = "slow" | "silent" | "stuck" | "deaf";

/** Where the sender is. */
export interface SenderPosition {
  /** Blocks, and datagrams, that have been sent. */
  readonly frontier: number;
  readonly datagrams: number;
  /** Blocks that a datagram has at the most. */
  readonly perDatagram: number;
}

/** Such a receiver. */
export class Member {
  readonly id: number;
  readonly model = new ReceiverModel();
  /** Blocks before this one were sent before it came, and are not sent again for it. */
  readonly since: number;
  /** It wants none from this one on. */
  end = Number.POSITIVE_INFINITY;
  /** It has all blocks before this one. */
  floor = 0;
  /** Blocks that are repaired on its word. */
  asked = 0;
  readonly #first: number;
  readonly #joinedAt: number;
  #sequence = -1;
  #floorAt: number;
  #heardAt: number;
  #hasHeard = false;
  /** Datagrams that did not reach it. */
  #lost = 0;

  readonly #patience: number;

  /** `patience`: how many times the usual it may be silent, or stand still. */
  constructor(id: number, { frontier, datagrams }: SenderPosition, patience: number, now: number) {
    this.#patience = patience;
    this.id = id;
    this.since = frontier;
    this.#first = datagrams;
    this.#joinedAt = now;
    this.#floorAt = now;
    this.#heardAt = now;
  }

  /** Takes note of a report; false = it is older than what is known. */
  hear(report: Report, now: number): boolean {
    if (report.sequence <= this.#sequence) return false;
    this.#sequence = report.sequence;
    this.#heardAt = now;
    if (report.counter >= 0) this.#hasHeard = true;
    this.#lost = Math.max(0, report.counter + 1 - this.#first - report.datagrams);
    if (report.floor > this.floor) {
      this.floor = report.floor;
      this.#floorAt = now;
    }
    return true;
  }

  /** Returns why it is a hindrance, undefined while it is none. `reportMs`: the time between two of its reports. */
  trouble(
    { frontier, datagrams, perDatagram }: SenderPosition,
    reportMs: number,
    now: number,
  ): ReleaseReason | undefined {
    if (now - this.#heardAt > silentMs * this.#patience) return "silent";
    const sent = datagrams - this.#first;
    const isDeaf = !this.#hasHeard && sent >= deafDatagrams;
    if (isDeaf && now - this.#joinedAt > deafMs + deafReports * reportMs) return "deaf";
    if (this.asked > this.#lost * perDatagram + frontier - this.since + repairsFree) return "stuck";
    const patience = this.#patience * Math.max(stuckMs, stuckReports * reportMs);
    const lacks = this.floor < Math.min(this.end, frontier);
    return lacks && now - this.#floorAt > patience ? "stuck" : undefined;
  }
}
