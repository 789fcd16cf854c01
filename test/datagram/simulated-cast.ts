// A cast that exists only in time: the sender, the receivers and their control channels, composed as sync
// composes them, on a simulated network.

import {
  BlockSender,
  newSecret,
  overheadBytes,
  PullServer,
  Sealer,
} from "../../src/datagram/index.ts";
import { rateFloor } from "../../src/datagram/limits.ts";
import { Choice } from "../support/index.ts";
import type { CastOutcome, SceneTraits } from "./cast-traits.ts";
import { EventQueue } from "./event-queue.ts";
import { Naps } from "./naps.ts";
import { blockContent } from "./simulated-content.ts";
import { Line } from "./simulated-network.ts";
import { Receiver, type SimulatedGround } from "./simulated-receiver.ts";

const lookMs = 100;
const limitMs = 600_000;

/** Runs it to its end. */
export function simulateCast(traits: SceneTraits): CastOutcome {
  return new Cast(traits).run();
}

class Cast implements SimulatedGround {
  readonly traits: SceneTraits;
  readonly events = new EventQueue();
  readonly sender: BlockSender;
  readonly pulls: PullServer;
  readonly uplink: Line;
  readonly receivers: Receiver[];
  readonly secret = newSecret();
  readonly sealer: Sealer;
  readonly session: number;
  readonly naps: Naps;
  readonly buffer = new Uint8Array(70_000);
  forged = 0;
  available = 0;
  isEnded = false;
  #wakesAt = Number.POSITIVE_INFINITY;
  #tooFastSince: number | undefined;
  #tooFastMs = 0;
  #lookBytes = 0;

  constructor(traits: SceneTraits) {
    const { seed, blockBytes, uplink, receivers, rules, blocksPerDatagram = 1, napMs = 0 } = traits;
    this.traits = traits;
    this.session = seed;
    this.sealer = new Sealer(this.secret, seed, 0);
    this.sender = new BlockSender({ blockBytes, blocksPerDatagram, ...(rules && { rules }) });
    this.pulls = new PullServer(blockBytes);
    this.uplink = new Line(uplink, this.events, seed);
    const woken = () => undefined;
    const isOver = () => this.isOver;
    this.naps = new Naps(this.events, { napMs, choice: new Choice(seed + 1), woken, isOver });
    this.receivers = receivers.map((each, id) => new Receiver(this, each, id));
  }

  run(): CastOutcome {
    const { events } = this;
    for (const receiver of this.receivers) receiver.begin();
    this.#make();
    this.#look();
    while (!this.isOver && events.now < limitMs && events.step());
    return {
      receivers: this.receivers.map((each) => each.outcome()),
      ms: events.now,
      bytes: this.sender.bytes,
      pulled: this.receivers.reduce((sum, { core }) => sum + (core?.pulled ?? 0), 0),
      repaired: this.sender.repaired,
      tooFastMs: this.#tooFastMs,
      forged: this.forged,
    };
  }

  get isOver(): boolean {
    return this.receivers.every(({ isOver }) => isOver);
  }

  /** The source makes blocks. */
  #make(): void {
    const { sourceRate, blocks } = this.traits;
    const { now } = this.events;
    this.available =
      sourceRate === undefined ? blocks : Math.min(blocks, Math.floor(now * sourceRate));
    this.sender.extend(this.available);
    if (this.available === blocks) {
      this.isEnded = true;
      for (const receiver of this.receivers) receiver.tellEnd();
    } else this.events.at(now + 5, () => this.#make());
    this.wake(now);
  }

  /** Has the sender look for something to send. */
  wake(at: number): void {
    if (at >= this.#wakesAt || at === Number.POSITIVE_INFINITY) return;
    this.#wakesAt = at;
    this.events.at(at, () => {
      if (this.#wakesAt !== at) return;
      this.#wakesAt = Number.POSITIVE_INFINITY;
      this.naps.awake(() => this.#send());
    });
  }

  #send(): void {
    const { now } = this.events;
    for (let what = this.sender.next(now); what !== undefined; what = this.sender.next(now)) {
      const { blockBytes, seed } = this.traits;
      const { block, count } = what;
      const length = overheadBytes + count * blockBytes;
      let datagram: Uint8Array | undefined;
      if (this.traits.sealed) {
        const plain = new Uint8Array(count * blockBytes);
        for (let i = 0; i < count; i++) plain.set(blockContent(seed, block + i), i * blockBytes);
        datagram = this.buffer.slice(0, this.sealer.seal(this.buffer, what, plain));
      }
      const sent = { ...what, epoch: 0, session: 0 };
      this.uplink.carry(length + 28, () => {
        for (const receiver of this.receivers) {
          if (!receiver.listens) continue;
          receiver.line.carry(length + 28, () => receiver.arrive({ what: sent, length, datagram }));
        }
      });
    }
    // Timers are late, and never early.
    this.wake(Math.max(now + 1, this.sender.wakeAt(now)));
  }

  /** Looks after the group now and then. */
  #look(): void {
    const { now } = this.events;
    for (const { id, reason } of this.sender.release(now)) this.receivers[id]?.letGo(reason);
    const caps = this.receivers
      .filter(({ isInGroup }) => isInGroup)
      .map(({ capacity }) => capacity);
    const rate = ((this.sender.bytes - this.#lookBytes) * 1000) / lookMs;
    this.#lookBytes = this.sender.bytes;
    if (rate > 1.3 * Math.max(rateFloor, Math.min(...caps))) {
      this.#tooFastSince ??= now;
      this.#tooFastMs = Math.max(this.#tooFastMs, now - this.#tooFastSince);
    } else this.#tooFastSince = undefined;
    this.servePulls();
    this.events.at(now + lookMs, () => this.naps.awake(() => this.#look()));
  }

  /** Answers pulls, over channels that are as fast as their lines. */
  servePulls(): void {
    const { now } = this.events;
    for (;;) {
      const isShared = this.sender.receivers > 0 && this.sender.frontier < this.available;
      const rate = isShared ? this.sender.rate : undefined;
      const range = this.pulls.next(this.available, rate, () => false, now);
      if (range === undefined) return;
      const receiver = this.receivers[range.id];
      const bytes = range.count * this.traits.blockBytes;
      // It takes room on the line that datagrams have, too; a channel sends what is lost there again.
      for (let i = 0; i < range.count; i++)
        this.uplink.carry(this.traits.blockBytes, () => undefined);
      receiver?.viaControl(bytes, () => receiver.pulled(range));
    }
  }
}
