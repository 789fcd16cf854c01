// One receiver as the sender's group knows it: how far it has come, when it was heard, and whether the group
// had better go on without it.

import type { BlockRange } from "./block-receiver.ts";
import {
  deafDatagrams,
  deafMs,
  deafReports,
  lookMsMax,
  repairsFree,
  silentMs,
  stuckMs,
  stuckReports,
} from "./limits.ts";
import { ReceiverModel } from "./receiver-model.ts";
import type { Report } from "./report.ts";

/**
 * Why the group goes on without a receiver: "deaf" = it speaks, but no datagram has ever reached it; "untrue" = it tells of what was never
 * sent: it lies, or somebody else sends to it under the session's key.
 */
export type ReleaseReason = "slow" | "silent" | "stuck" | "deaf" | "untrue";

/** Where the sender is. */
export interface SenderPosition {
  /** Blocks, and datagrams, that have been sent. */
  readonly frontier: number;
  readonly datagrams: number;
  /** Blocks that a datagram has at the most. */
  readonly perDatagram: number;
}

/** What it is judged by. */
export interface MemberWays {
  /** The time between two of its reports. */
  readonly reportMs: number;
  /** How many times the usual it may be silent, or stand still. */
  readonly patience: number;
}

/** Such a receiver. */
export class Member {
  readonly id: number;
  readonly model: ReceiverModel;
  /** Blocks before this one were sent before it came, and are not sent again for it. */
  readonly since: number;
  /** It wants none from this one on. */
  end = Number.POSITIVE_INFINITY;
  /** It has all blocks before this one. */
  floor = 0;
  /** Bytes of datagrams that have reached it. */
  bytes = 0;
  /** Blocks that are repaired on its word. */
  asked = 0;
  /** It has told of a datagram, or of a block, that was never sent. */
  isUntrue = false;
  /** Blocks that it had before, from the sender's position on, in order. */
  readonly #held: BlockRange[] = [];
  readonly #first: number;
  #sequence = -1;
  #heardAt: number;
  /** Blocks that it has, from its first report on. */
  #blocks = 0;
  /** For how long it has reported without a block more, though it lacked some, and without a datagram that came; and for how long it has said nothing. */
  #stillMs = 0;
  #deafMs = 0;
  #silentMs = 0;
  #lookedAt: number;
  /** Datagrams that did not reach it. */
  #lost = 0;

  readonly #patience: number;

  constructor(id: number, { frontier, datagrams }: SenderPosition, ways: MemberWays, now: number) {
    this.model = new ReceiverModel(ways.reportMs);
    this.#patience = ways.patience;
    this.id = id;
    this.since = frontier;
    this.#first = datagrams;
    this.#heardAt = now;
    this.#lookedAt = now;
  }

  /** It has had these blocks before; they are behind those of the last call. */
  hold(range: BlockRange): void {
    const last = this.#held.at(-1);
    const isNext = last !== undefined && last.block + last.count === range.block;
    if (isNext) this.#held.pop();
    const { block } = isNext ? last : range;
    this.#held.push({ block, count: range.block + range.count - block });
  }

  /** Returns the first block from this one on that it has not had before. The sender never goes back. */
  lacksFrom(block: number): number {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      const end = first.block + first.count;
      if (block < first.block) return block;
      if (block < end) return end;
      this.#held.shift();
    }
    return block;
  }

  /** Takes note of a report; false = it is older than what is known. `reportMs`: the time between two of them. */
  hear(report: Report, { frontier, datagrams }: SenderPosition, reportMs: number, now: number) {
    if (report.sequence <= this.#sequence) return false;
    this.#sequence = report.sequence;
    // Time in which it did not run, or we did not, is not held against it.
    const passed = Math.min(now - this.#heardAt, 2 * reportMs);
    this.#heardAt = now;
    this.#silentMs = 0;
    this.#lost = Math.max(0, report.counter + 1 - this.#first - report.datagrams);
    if (report.counter >= 0) this.#deafMs = 0;
    else if (datagrams - this.#first >= deafDatagrams) this.#deafMs += passed;
    const lacks = report.floor < Math.min(this.end, frontier);
    const blocks = blocksOf(report);
    this.#stillMs = blocks > this.#blocks || !lacks ? 0 : this.#stillMs + passed;
    this.#blocks = Math.max(this.#blocks, blocks);
    this.floor = Math.max(this.floor, report.floor);
    this.bytes = report.bytes;
    return true;
  }

  /** Returns why it is a hindrance, undefined while it is none. `reportMs`: the time between two of its reports. */
  trouble(
    { frontier, perDatagram }: SenderPosition,
    reportMs: number,
    now: number,
  ): ReleaseReason | undefined {
    this.#silentMs += Math.min(now - this.#lookedAt, lookMsMax);
    this.#lookedAt = now;
    const honest = this.#lost * perDatagram + frontier - this.since + repairsFree;
    if (this.isUntrue || this.asked > honest) return "untrue";
    if (this.#silentMs > silentMs * this.#patience) return "silent";
    if (this.#deafMs > deafMs + deafReports * reportMs) return "deaf";
    const patience = this.#patience * Math.max(stuckMs, stuckReports * reportMs);
    return this.#stillMs > patience ? "stuck" : undefined;
  }
}

/** Returns the first block from `block` up to `end` that one of the members has not had before; `end` if there is none. */
export function lackedFrom(members: Iterable<Member>, block: number, end: number): number {
  let next = end;
  for (const member of members) {
    if (next === block) return block;
    next = Math.min(next, member.lacksFrom(block));
  }
  return next;
}

/** How many blocks are there, as far as it says. */
function blocksOf({ floor, upTo, runs }: Report): number {
  const missing = runs.reduce((sum, run, i) => (i % 2 === 0 ? sum + run : sum), 0);
  return Math.max(floor, upTo) - missing;
}
