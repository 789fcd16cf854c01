// A receiver that exists only in time, at the end of its line: what comes there, what it says, and what
// happens to it.

import {
  type BlockRange,
  BlockReceiver,
  type BlockSender,
  decodeReport,
  encodeReport,
  type Head,
  Opener,
  type PullServer,
  type Released,
} from "../../src/datagram/index.ts";
import { Choice } from "../support/index.ts";
import type { ReceiverOutcome, ReceiverTraits, SceneTraits } from "./cast-traits.ts";
import type { EventQueue } from "./event-queue.ts";
import { Naps } from "./naps.ts";
import { blockContent, contentBytes } from "./simulated-content.ts";
import { Line } from "./simulated-network.ts";

const socketBytes = 2_000_000;
const controlMs = 0.3;

/** What receivers know of the cast. */
export interface SimulatedGround {
  readonly traits: SceneTraits;
  readonly events: EventQueue;
  readonly sender: BlockSender;
  readonly pulls: PullServer;
  readonly secret: Uint8Array;
  readonly session: number;
  readonly receivers: readonly unknown[];
  readonly isEnded: boolean;
  readonly naps: Naps;
  /** Forged datagrams that were opened. */
  forged: number;
  wake(at: number): void;
  servePulls(): void;
}

/** A datagram on its way. */
export interface Arrival {
  readonly what: Readonly<Head>;
  readonly length: number;
  readonly datagram: Uint8Array | undefined;
}

/** Such a receiver. */
export class Receiver {
  readonly cast: SimulatedGround;
  readonly traits: ReceiverTraits;
  readonly id: number;
  readonly line: Line;
  readonly store: Uint8Array;
  core: BlockReceiver | undefined;
  opener: Opener | undefined;
  /** Counters that came, where nothing is sealed. */
  counters = new Uint8Array(1024);
  isLost = false;
  listens = false;
  isInGroup = false;
  doneAt: number | undefined;
  released: Released["reason"] | undefined;
  life = 0;
  readonly naps: Naps;
  waiting: Arrival[] = [];
  waitingBytes = 0;
  controlFreeAt = 0;
  reportsAt = Number.POSITIVE_INFINITY;
  journal: BlockRange[] = [];

  constructor(cast: SimulatedGround, traits: ReceiverTraits, id: number) {
    this.cast = cast;
    this.traits = traits;
    this.id = id;
    this.line = new Line(traits.line, cast.events, cast.traits.seed * 7919 + id);
    this.naps = new Naps(cast.events, {
      napMs: cast.traits.napMs ?? 0,
      choice: new Choice(cast.traits.seed * 31 + id),
      woken: () => this.wakeUp(),
      isOver: () => this.isOver,
    });
    this.store = new Uint8Array(cast.traits.blocks * contentBytes);
  }

  get isOver(): boolean {
    return this.isLost || this.doneAt !== undefined;
  }

  get capacity(): number {
    return Math.min(this.traits.line.rate, this.cast.traits.uplink.rate);
  }

  begin(): void {
    const { joinsAt, stall, crash } = this.traits;
    const { events } = this.cast;
    events.at(joinsAt, () => this.join());
    if (stall !== undefined) {
      events.at(stall.at, () => {
        this.naps.until = Math.max(this.naps.until, stall.at + stall.forMs);
        events.at(this.naps.until, () => this.wakeUp());
      });
    }
    if (crash !== undefined) events.at(crash.at, () => this.crash(crash.backAfterMs));
  }

  /** The control channel stands: the group is joined, and what was sent before is pulled. */
  join(): void {
    if (this.isOver) return;
    const { cast, id } = this;
    const { events, sender } = cast;
    const everyMs = Math.max(25, cast.receivers.length * 2);
    const times = { everyMs, phaseMs: (id * 7919) % everyMs };
    this.core = new BlockReceiver(times, events.now);
    this.opener = new Opener(cast.secret, cast.session, 0);
    this.counters = new Uint8Array(1024);
    this.core.want(0);
    for (const range of this.journal) this.core.recall(range);
    this.listens = true;
    this.isInGroup = true;
    const since = sender.frontier;
    sender.join(id, events.now);
    for (const range of this.traits.holds ?? []) {
      sender.hold(id, range);
      this.core.recall(range);
      for (let at = range.block; at < range.block + range.count; at++) {
        this.writeRight(at);
      }
    }
    if (since > 0) this.core.beginPulling(since);
    if (cast.isEnded) this.tellEnd();
    this.reportsAt = Number.POSITIVE_INFINITY;
    this.pull();
    this.armReport();
    cast.wake(events.now);
  }

  tellEnd(): void {
    const { cast, id } = this;
    cast.sender.endsAt(id, cast.traits.blocks);
    this.viaControl(0, () => {
      this.core?.want(0, cast.traits.blocks);
      this.check();
    });
  }

  crash(backAfterMs: number | undefined): void {
    if (this.isOver || this.core === undefined) return;
    const { cast, id } = this;
    this.journal = this.core.held();
    this.core = undefined;
    this.listens = false;
    this.isInGroup = false;
    this.life++;
    this.waiting = [];
    this.waitingBytes = 0;
    // Its control channel breaks, and that is heard of.
    cast.sender.leave(id);
    cast.pulls.leave(id);
    if (backAfterMs === undefined) this.isLost = true;
    else cast.events.at(cast.events.now + backAfterMs, () => this.join());
  }

  letGo(reason: Released["reason"]): void {
    this.released = reason;
    this.isInGroup = false;
    this.viaControl(0, () => {
      this.listens = false;
      this.core?.beginPulling();
      this.pull();
    });
  }

  /** A message on the control channel, which comes in order, in this life of the receiver only. */
  viaControl(bytes: number, run: () => void): void {
    const { events } = this.cast;
    const { rate, delayMs } = this.traits.line;
    this.controlFreeAt = Math.max(this.controlFreeAt, events.now) + (bytes * 1000) / rate;
    const { life } = this;
    const arrive = (): void => {
      if (life !== this.life) return;
      if (events.now < this.naps.until) events.at(this.naps.until, arrive);
      else run();
    };
    events.at(this.controlFreeAt + delayMs + controlMs, arrive);
  }

  arrive(arrival: Arrival): void {
    if (this.core === undefined) return;
    if (this.cast.events.now >= this.naps.until) this.take(arrival);
    else if (this.waitingBytes + arrival.length <= socketBytes) {
      this.waiting.push(arrival);
      this.waitingBytes += arrival.length;
    }
  }

  wakeUp(): void {
    if (this.cast.events.now < this.naps.until) return;
    const { waiting } = this;
    this.waiting = [];
    this.waitingBytes = 0;
    for (const arrival of waiting) this.take(arrival);
    this.pull();
  }

  take({ what, length, datagram }: Arrival): void {
    const { core, opener, cast } = this;
    if (core === undefined || opener === undefined) return;
    const { blockBytes } = cast.traits;
    const { now } = cast.events;
    if (datagram !== undefined) {
      this.attack(datagram, opener);
      const payload = opener.open(datagram);
      if (payload === undefined) return;
      core.take(opener.head, length, now);
      for (let i = 0; i < opener.head.count; i++) {
        const block = opener.head.block + i;
        if (core.put(block)) {
          const at = i * blockBytes;
          this.store.set(payload.subarray(at, at + contentBytes), block * contentBytes);
        }
      }
    } else {
      if (!this.isFirst(what.counter)) return;
      core.take(what, length, now);
      for (let block = what.block; block < what.block + what.count; block++) {
        if (core.put(block)) this.writeRight(block);
      }
    }
    this.check();
    this.pull();
    this.armReport();
  }

  isFirst(counter: number): boolean {
    if (counter >= this.counters.length) {
      const counters = new Uint8Array(2 * counter);
      counters.set(this.counters);
      this.counters = counters;
    }
    const isFirst = this.counters[counter] === 0;
    this.counters[counter] = 1;
    return isFirst;
  }

  /** Strangers send what was never sealed, was sealed for others, or has come before. */
  attack(datagram: Uint8Array, opener: Opener): void {
    const turn = datagram[15] as number;
    if (turn % 4 !== 0) return;
    const damaged = datagram.slice();
    const at = turn % damaged.length;
    damaged[at] = (damaged[at] as number) ^ 0x40;
    if (opener.open(damaged) !== undefined) this.cast.forged++;
    const cutOff = datagram.subarray(0, Math.min(turn % 64, datagram.length - 1));
    if (opener.open(cutOff) !== undefined) this.cast.forged++;
  }

  pulled({ block, count }: BlockRange): void {
    const { core } = this;
    if (core === undefined) return;
    for (let each = block; each < block + count; each++) {
      if (core.put(each)) this.writeRight(each);
    }
    core.answered(block, count);
    this.check();
    this.pull();
  }

  writeRight(block: number): void {
    this.store.set(blockContent(this.cast.traits.seed, block), block * contentBytes);
  }

  pull(): void {
    const { cast, id, life } = this;
    if (this.core === undefined || cast.events.now < this.naps.until) return;
    for (let range = this.core.nextPull(); range !== undefined; range = this.core.nextPull()) {
      const asked = range;
      cast.events.at(cast.events.now + this.traits.line.delayMs + controlMs, () => {
        if (life !== this.life) return;
        cast.pulls.ask(id, asked);
        cast.servePulls();
      });
    }
  }

  armReport(): void {
    const { core, cast } = this;
    if (core === undefined || core.isPulling || this.isOver) return;
    const at = core.reportAt;
    if (at >= this.reportsAt) return;
    this.reportsAt = at;
    const { life } = this;
    const report = (): void => {
      if (this.reportsAt !== at || life !== this.life || this.core === undefined) return;
      if (cast.events.now < this.naps.until) {
        cast.events.at(this.naps.until, report);
        return;
      }
      this.reportsAt = Number.POSITIVE_INFINITY;
      this.report(this.core.report(cast.events.now));
      this.armReport();
    };
    cast.events.at(at, report);
  }

  report(bytes: Uint8Array): void {
    const { cast, id, life } = this;
    const told = this.lie(bytes);
    const heard = (): void => {
      if (life !== this.life || this.released !== undefined) return;
      try {
        cast.sender.take(id, told, cast.events.now);
      } catch {
        // Who breaks the protocol is dropped, and that is reported.
        this.isLost = true;
        this.listens = false;
        this.isInGroup = false;
        cast.sender.leave(id);
      }
      cast.wake(cast.events.now);
    };
    const at = cast.events.now + this.traits.line.delayMs + controlMs;
    cast.events.at(at, () => cast.naps.awake(heard));
  }

  lie(bytes: Uint8Array): Uint8Array {
    const { lies } = this.traits;
    if (lies === undefined) return bytes;
    if (lies === "garbage") return Uint8Array.from(bytes, (byte, i) => byte ^ (i * 37));
    return lieOf(lies, bytes);
  }

  check(): void {
    const { core, cast, id } = this;
    if (core === undefined || this.isOver || !core.isComplete) return;
    this.doneAt = cast.events.now;
    this.listens = false;
    this.isInGroup = false;
    cast.sender.leave(id);
    cast.pulls.leave(id);
  }

  outcome(): ReceiverOutcome {
    const { cast, core, store } = this;
    const { blocks, seed } = cast.traits;
    let isRight = this.doneAt !== undefined;
    for (let block = 0; block < blocks && isRight; block++) {
      const here = store.subarray(block * contentBytes, (block + 1) * contentBytes);
      isRight = Buffer.compare(blockContent(seed, block), here) === 0;
    }
    return {
      state: this.isLost ? "lost" : this.doneAt === undefined ? "waiting" : "complete",
      isRight,
      atMs: this.doneAt ?? cast.events.now,
      pulled: core?.pulled ?? 0,
      duplicates: core?.duplicates ?? 0,
      released: this.released,
    };
  }
}

/** A report as a liar tells it: everything is missing, or more has come than was sent. */
function lieOf(lie: "missing" | "future", bytes: Uint8Array): Uint8Array {
  const report = decodeReport(bytes);
  if (lie === "future") return encodeReport({ ...report, counter: report.counter + 1_000_000 });
  const runs = report.upTo > 0 ? [report.upTo] : [];
  return encodeReport({ ...report, floor: 0, runs });
}
