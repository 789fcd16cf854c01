// The sender of a stream of numbered blocks to a group of receivers, without its network: what to send
// next, when, at which rate, and whom the others no longer wait for. A state machine over the time that it is told.

import { assert } from "../base/index.ts";
import type { BlockRange } from "./block-receiver.ts";
import { GroupRate } from "./group-rate.ts";
import { flagPoll, flagRepair, type Kind, kinds } from "./head.ts";
import {
  blocksMax,
  idleMsMax,
  idleMsMin,
  payloadBytesMax,
  reportMsMax,
  reportMsMin,
  reportMsPerReceiver,
} from "./limits.ts";
import { lackedFrom, Member, type SenderPosition } from "./member.ts";
import { OwnPace } from "./own-pace.ts";
import { Pacer } from "./pacer.ts";
import type { ReceiverModel } from "./receiver-model.ts";
import { RepairQueue } from "./repair-queue.ts";
import { decodeReport } from "./report.ts";
import { overheadBytes } from "./sealing.ts";
import type { Released, SenderSettings, Sending } from "./sending.ts";
import { SentLog } from "./sent-log.ts";

/** Up to so many receivers are asked to report at once. */
const pollReceivers = 50;
/** The share of the rate that has to be made use of before more is tried. */
const useShare = 0.7;
/** The rate is chosen so often at the most, but that one who is too slow is heard at once. */
const chooseMs = 2;
/** Headers of IPv4 and UDP. */
const usualWireBytes = 28;

const noBlocks: BlockRange = { block: 0, count: 0 };

/** Such a sender. */
export class BlockSender {
  readonly #blockBytes: number;
  #perDatagram: number;
  readonly #wireBytes: number;
  readonly #patience: number;
  readonly #receivers = new Map<number, Member>();
  readonly #group: GroupRate;
  readonly #pacer = new Pacer();
  readonly #pace = new OwnPace();
  readonly #log = new SentLog();
  readonly #repairs = new RepairQueue();
  readonly #released: Released[] = [];
  #available = 0;
  #frontier = 0;
  #isRepairTurn = true;
  #idleMs = idleMsMin;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Probes that are to be sent, by what they are filled up with. */
  readonly #probes: number[] = [];
  #choseAt = Number.NEGATIVE_INFINITY;
  #repaired = 0;

  constructor({
    blockBytes,
    blocksPerDatagram = 1,
    wireBytes = usualWireBytes,
    rules = {},
    patience = 1,
  }: SenderSettings) {
    assert(blockBytes * blocksPerDatagram <= payloadBytesMax, "A datagram has a longest length.");
    this.#blockBytes = blockBytes;
    this.#perDatagram = blocksPerDatagram;
    this.#wireBytes = wireBytes + overheadBytes;
    this.#group = new GroupRate(rules);
    this.#patience = patience;
  }

  /** Bytes a second that are aimed at. */
  get rate(): number {
    return this.#group.rate;
  }

  /** Bytes on the wire so far. */
  get bytes(): number {
    return this.#pace.bytes;
  }

  /** Blocks that were sent again. */
  get repaired(): number {
    return this.#repaired;
  }

  /** Blocks that have been sent at least once. */
  get frontier(): number {
    return this.#frontier;
  }

  /** Every receiver has all blocks before this one. */
  get floor(): number {
    let floor = this.#frontier;
    for (const receiver of this.#receivers.values()) {
      floor = Math.min(floor, Math.max(receiver.floor, receiver.since));
    }
    return floor;
  }

  /** Receivers that take datagrams. */
  get receivers(): number {
    return this.#receivers.size;
  }

  /** The time between two reports of a receiver. */
  get reportMs(): number {
    return Math.min(reportMsMax, Math.max(reportMsMin, this.#receivers.size * reportMsPerReceiver));
  }

  /** Every block before this one is there to be sent. */
  extend(blocks: number): void {
    assert(blocks >= this.#available && blocks <= blocksMax, "A stream only grows.");
    this.#available = blocks;
  }

  /** Takes a receiver in; blocks that were sent already reach it another way. */
  join(id: number, now: number): void {
    const ways = { reportMs: this.reportMs, patience: this.#patience };
    this.#receivers.set(id, new Member(id, this.#position, ways, now));
  }

  /** A receiver wants no block from this one on. */
  endsAt(id: number, end: number): void {
    const receiver = this.#receivers.get(id);
    if (receiver !== undefined) receiver.end = end;
  }

  /** A receiver has gone, or is served another way. */
  leave(id: number): void {
    this.#receivers.delete(id);
    if (this.#receivers.size === 0) this.#repairs.clear();
    else this.#forget();
  }

  /** A receiver has had these blocks before, which are behind those of the last call: what everybody has had is not sent. */
  hold(id: number, range: BlockRange): void {
    this.#receivers.get(id)?.hold(range);
  }

  /** What is known of a receiver; undefined = it is none of the group. */
  modelOf(id: number): ReceiverModel | undefined {
    return this.#receivers.get(id)?.model;
  }

  /** Sends so many probes of such a length, a datagram each time that it is asked. */
  probe(count: number, padding = 0): void {
    for (let i = 0; i < count; i++) this.#probes.push(padding);
  }

  /** Every receiver has got so many bytes. */
  haveAllGot(bytes: number): boolean {
    return [...this.#receivers.values()].every((receiver) => receiver.bytes >= bytes);
  }

  /** From here on neighbours go together, so many in a datagram. */
  set blocksPerDatagram(count: number) {
    assert(this.#blockBytes * count <= payloadBytesMax, "A datagram has a longest length.");
    this.#perDatagram = count;
  }

  /** Takes a report. Throws a protocol-data error. */
  take(id: number, bytes: Uint8Array, now: number): void {
    const report = decodeReport(bytes);
    const receiver = this.#receivers.get(id);
    if (receiver === undefined) return;
    // Nobody has seen what was never sent: nothing of it is believed.
    receiver.isUntrue ||= report.counter >= this.#log.next || report.upTo > this.#available;
    if (receiver.isUntrue) return;
    if (!receiver.hear(report, this.#position, this.reportMs, now)) return;
    const sentAt = this.#log.sentAt(report.counter);
    this.#pace.look(this.reportMs, now);
    receiver.model.take(report, sentAt, this.#pace.hasSlept(now), now);
    // Whoever has everything may do other things.
    if (report.floor >= receiver.end) {
      this.leave(id);
      return;
    }
    if (!this.#group.isBehind(receiver.model)) {
      const isLost = (block: number) => this.#log.isLost(block, report.counter, sentAt);
      this.#repairs.addMissing(report, receiver, this.#frontier, isLost);
    }
    // Of thousands the sender hears one after the other: what concerns them all is not looked through for each.
    const isSlow = receiver.model.cap < this.#group.rate;
    if (isSlow || now >= this.#choseAt + chooseMs) this.#chooseRate(now);
  }

  #chooseRate(now: number): void {
    this.#choseAt = now;
    this.#forget();
    const isBusy = this.#pace.actual >= useShare * this.#group.rate;
    this.#group.choose(this.#models(), isBusy, this.reportMs, now);
  }

  /** Returns what is to be sent now; undefined = nothing before `wakeAt`. */
  next(now: number): Sending | undefined {
    const usual = this.#blockBytes + this.#wireBytes;
    this.#pacer.fill(this.#group.rate, this.#perDatagram * this.#blockBytes + this.#wireBytes, now);
    const padding = this.#probes.shift();
    if (padding !== undefined) return this.#send(kinds.probe, 0, noBlocks, now, padding);
    if (this.#receivers.size === 0 || !this.#pacer.allows(usual)) return undefined;
    const range = this.#choose();
    if (range !== undefined) {
      this.#idleMs = idleMsMin;
      const isLast = this.#repairs.length === 0 && this.#frontier === this.#available;
      const flags = (range.isRepair ? flagRepair : 0) | (isLast ? this.#poll : 0);
      return this.#send(kinds.data, flags, range, now);
    }
    if (now < this.#sentAt + this.#idleMs) return undefined;
    this.#idleMs = Math.min(idleMsMax, this.#idleMs * 2);
    return this.#send(kinds.idle, this.#poll, { block: this.#frontier, count: 0 }, now);
  }

  /** When `next` has something again, as far as is known. */
  wakeAt(now: number): number {
    const usual = this.#blockBytes + this.#wireBytes;
    if (this.#probes.length > 0) return now;
    if (this.#receivers.size === 0) return Number.POSITIVE_INFINITY;
    if (this.#repairs.length === 0 && this.#frontier === this.#available) {
      return this.#sentAt + this.#idleMs;
    }
    return now + this.#pacer.waitFor(usual, this.#group.rate, now);
  }

  /** Returns receivers that the group goes on without from here on. To be asked now and then. */
  release(now: number): readonly Released[] {
    this.#pace.hasSlept(now);
    const rate = this.#group.rate;
    for (const member of [...this.#receivers.values()]) {
      const reason = member.trouble(this.#position, this.reportMs, now);
      if (reason === undefined) continue;
      this.#released.push({ id: member.id, reason, capacity: member.model.cap, rate });
      this.leave(member.id);
    }
    const left = [...this.#receivers.values()];
    for (const index of this.#group.slow(this.#models(), now)) {
      const { id, model } = left[index] as Member;
      this.#released.push({ id, reason: "slow", capacity: model.cap, rate: this.#group.rate });
      this.leave(id);
    }
    return this.#released.splice(0);
  }

  get #position(): SenderPosition {
    return {
      frontier: this.#frontier,
      datagrams: this.#log.next,
      perDatagram: this.#perDatagram,
    };
  }

  get #poll(): number {
    return this.#receivers.size <= pollReceivers ? flagPoll : 0;
  }

  #models(): ReceiverModel[] {
    return Array.from(this.#receivers.values(), ({ model }) => model);
  }

  #choose(): { block: number; count: number; isRepair: boolean } | undefined {
    this.#frontier = lackedFrom(this.#receivers.values(), this.#frontier, this.#available);
    const hasNew = this.#frontier < this.#available;
    // Half of the rate is for what is new: whoever misses much does not stop those who miss nothing.
    this.#isRepairTurn = !hasNew || !this.#isRepairTurn;
    const again = this.#isRepairTurn || !hasNew ? this.#repairs.take(this.#perDatagram) : undefined;
    if (again !== undefined) {
      this.#repaired += again.count;
      return { ...again, isRepair: true };
    }
    if (!hasNew) return undefined;
    const block = this.#frontier;
    const count = Math.min(this.#perDatagram, this.#available - block);
    this.#frontier += count;
    return { block, count, isRepair: false };
  }

  #send(
    kind: Kind,
    flags: number,
    { block, count }: BlockRange,
    now: number,
    padding = 0,
  ): Sending {
    const counter = this.#log.note(now);
    for (let i = 0; i < count; i++) this.#log.noteBlock(block + i, counter);
    const bytes = count * this.#blockBytes + padding + this.#wireBytes;
    this.#pacer.take(bytes);
    this.#pace.bytes += bytes;
    this.#sentAt = now;
    return { kind, flags, counter, block, count, padding };
  }

  #forget(): void {
    this.#log.forgetBefore(this.floor);
  }
}
