// A peer at the other end of datagrams: messages go as numbered blocks in both directions, each direction with a sender, a
// receiver and reports of its own. A lost packet delays its message, and of the others only those that must come in order.

import { type Clock, ManifoldError } from "../base/index.ts";
import { type LaneNumber, type Peer, type PeerListener, Slabs } from "../session/index.ts";
import { BlockReceiver } from "./block-receiver.ts";
import { BlockSender } from "./block-sender.ts";
import { DatagramBatch, type Transmit } from "./datagram-batch.ts";
import type { RateRules } from "./group-rate.ts";
import { kinds, sessionOf } from "./head.ts";
import { IncomingMessages } from "./incoming-messages.ts";
import { blockBytesUsual, lookMsMax, reportBytesMax, reportMsMin } from "./limits.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { Opener, overheadBytes, Sealer, secretLength } from "./sealing.ts";

/** The secrets of a pair: for each end's blocks and each end's reports. */
export const pairSecretLength = 4 * secretLength;

/** Waiting bytes above which a peer is full, and below which it has room again: two seconds at 10 Mbit/s. */
const backlogFull = 1 << 21;
const backlogRoom = 1 << 20;
const batchDatagrams = 64;
const lookMs = 50;
/** Until the other end has been heard there is a probe so often. */
const probeMs = 100;
/** Where nothing has passed for so long from the beginning, nothing will. */
const passMs = 1500;
/** A busy machine is waited for five times as long as in a group, where others would wait, too. Arbitrary. */
const patience = 5;
/** The one receiver of the group. */
const theOther = 0;

/** What a pair is made with. Both ends have the same session number and secret. */
export interface DatagramPeerParts {
  readonly label: string;
  readonly isInitiator: boolean;
  readonly session: number;
  readonly secret: Uint8Array;
  readonly rules?: RateRules;
  readonly clock: Clock;
  readonly transmit: Transmit;
  /** Datagrams have come and gone; from here on messages may be sent. */
  readonly passed: () => void;
  /** Nothing is sent or taken any more. */
  readonly ended: (error: ManifoldError | undefined) => void;
}

/** Such a peer. */
export class DatagramPeer implements Peer {
  readonly label: string;
  readonly slabs = new Slabs();
  readonly #transmit: Transmit;
  readonly #parts: DatagramPeerParts;
  readonly #sender: BlockSender;
  readonly #receiver: BlockReceiver;
  readonly #outgoing = new OutgoingMessages(blockBytesUsual);
  readonly #incoming: IncomingMessages;
  readonly #batch: DatagramBatch;
  readonly #blockSealer: Sealer;
  readonly #reportSealer: Sealer;
  readonly #openers: ReadonlyMap<number, Opener>;
  readonly #plain = new Uint8Array(blockBytesUsual);
  readonly #reportBytes = new Uint8Array(reportBytesMax + overheadBytes);
  #reports = 0;
  #listener: PeerListener | undefined;
  #waiting: { readonly lane: LaneNumber; readonly message: Uint8Array }[] = [];
  #ending: { readonly error: ManifoldError | undefined } | undefined;
  #hasBegun = false;
  #hasPassed = false;
  #isOver = false;
  #wasFull = false;
  #wakesAt = Number.POSITIVE_INFINITY;
  #reportsAt = Number.POSITIVE_INFINITY;
  #stopWaking: () => void = () => undefined;
  #stopReporting: () => void = () => undefined;
  #stopLooking: () => void = () => undefined;
  #probedAt = Number.NEGATIVE_INFINITY;
  #waitedMs = 0;
  #lookedAt = 0;
  bytesSent = 0;
  bytesReceived = 0;

  constructor(parts: DatagramPeerParts) {
    const { isInitiator, session, secret, rules = {}, clock, transmit } = parts;
    this.#sender = new BlockSender({ blockBytes: blockBytesUsual, rules, patience });
    this.label = parts.label;
    this.#parts = parts;
    this.#transmit = (bytes, each) => {
      const sent = transmit(bytes, each);
      this.bytesSent += Math.min(bytes.length, sent * each);
      return sent;
    };
    const keys = Array.from({ length: 4 }, (_, i) => ({
      secret: secret.subarray(i * secretLength, (i + 1) * secretLength),
      session: (session + i) >>> 0,
    })) as [PairKey, PairKey, PairKey, PairKey];
    const [ours, theirs] = isInitiator ? [keys.slice(0, 2), keys.slice(2)] : [keys.slice(2), keys];
    [this.#blockSealer, this.#reportSealer] = ours.map(
      (key) => new Sealer(key.secret, key.session, 0),
    ) as [Sealer, Sealer];
    this.#openers = new Map(
      theirs.slice(0, 2).map((key) => [key.session, new Opener(key.secret, key.session, 0)]),
    );
    this.#receiver = new BlockReceiver({ everyMs: reportMsMin, phaseMs: 0 }, clock.now());
    this.#batch = new DatagramBatch(
      this.#transmit,
      blockBytesUsual + overheadBytes,
      batchDatagrams,
    );
    this.#incoming = new IncomingMessages(blockBytesUsual, this.slabs, (number, message) => {
      if (this.#listener === undefined) this.#waiting.push({ lane: number, message });
      else this.#listener.message(number, message);
    });
  }

  get backlog(): number {
    return (this.#outgoing.blocks - this.#sender.frontier) * blockBytesUsual;
  }

  get isFull(): boolean {
    return this.backlog > backlogFull;
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
    queueMicrotask(() => {
      for (const { lane, message } of this.#waiting.splice(0)) listener.message(lane, message);
      if (this.#ending !== undefined) listener.closed(this.#ending.error);
    });
  }

  send(number: LaneNumber, ...parts: readonly Uint8Array[]): void {
    this.#add(number, parts);
  }

  sendThen(number: LaneNumber, parts: readonly Uint8Array[], left: () => void): void {
    this.#add(number, parts, left);
  }

  end(): void {
    this.#close(undefined);
  }

  destroy(): void {
    this.#close(undefined);
  }

  /** The network is there: the initiator begins by itself, the other end when it knows where to answer. */
  begin(): void {
    if (this.#hasBegun || this.#isOver) return;
    this.#hasBegun = true;
    const now = this.#parts.clock.now();
    this.#lookedAt = now;
    this.#sender.join(theOther, now);
    this.#receiver.want(0);
    this.#look();
    this.#armReport();
    this.#wake(now);
  }

  /** Takes a datagram that came; false = it is not from the other end. */
  arrived(datagram: Uint8Array): boolean {
    if (this.#isOver) return false;
    const opener = this.#openers.get(sessionOf(datagram) ?? -1);
    const payload = opener?.open(datagram);
    if (opener === undefined || payload === undefined) return false;
    this.bytesReceived += datagram.length;
    try {
      this.#take(opener, payload, datagram.length);
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      this.#close(error);
    }
    return true;
  }

  /** It cannot be had any more, or was never to be had. */
  fail(why: string): void {
    this.#close(new ManifoldError("connection-lost", why));
  }

  #take({ head }: Opener, payload: Uint8Array, length: number): void {
    const now = this.#parts.clock.now();
    if (head.kind === kinds.report) {
      this.#sender.take(theOther, payload, now);
      this.#outgoing.release(this.#sender.floor);
      this.#notePassed();
      this.#wake(now);
      return;
    }
    this.#receiver.take(head, length, now);
    const { block, count } = head;
    for (let i = 0; i < count; i++) {
      const bytes = payload.subarray(i * blockBytesUsual, (i + 1) * blockBytesUsual);
      if (!this.#receiver.put(block + i)) continue;
      this.#incoming.put(block + i, bytes, this.#receiver.floor);
    }
    this.#armReport();
  }

  /** What was sent has arrived, and what tells of it has come: datagrams pass both ways. */
  #notePassed(): void {
    const roundTrip = this.#sender.modelOf(theOther)?.roundTripMs ?? Number.POSITIVE_INFINITY;
    if (this.#hasPassed || roundTrip === Number.POSITIVE_INFINITY) return;
    this.#hasPassed = true;
    this.#parts.passed();
  }

  #add(number: LaneNumber, parts: readonly Uint8Array[], left?: () => void): void {
    if (this.#isOver) return;
    this.#outgoing.add(number, parts, left);
    this.#sender.extend(this.#outgoing.blocks);
    if (this.isFull) this.#wasFull = true;
    this.#wake(this.#parts.clock.now());
  }

  #look(): void {
    if (this.#isOver) return;
    const now = this.#parts.clock.now();
    const [released] = this.#sender.release(now); // As there, time in which this process did not run does not count.
    this.#waitedMs += Math.min(lookMsMax, now - this.#lookedAt);
    this.#lookedAt = now;
    const isVain = !this.#hasPassed && this.#waitedMs > passMs;
    if (released !== undefined || isVain) {
      this.fail(this.#hasPassed ? "datagrams pass no longer" : "datagrams do not pass");
      return;
    }
    if (!this.#hasPassed && now >= this.#probedAt + probeMs) {
      this.#probedAt = now;
      this.#sender.probe(1);
      this.#wake(now);
    }
    this.#stopLooking = this.#parts.clock.after(lookMs, () => this.#look());
  }

  #wake(at: number): void {
    if (at >= this.#wakesAt || this.#isOver || !this.#hasBegun) return;
    this.#stopWaking();
    this.#wakesAt = at;
    this.#stopWaking = this.#parts.clock.after(Math.max(0, at - this.#parts.clock.now()), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      this.#sendBlocks();
    });
  }

  #sendBlocks(): void {
    const now = this.#parts.clock.now();
    while (this.#batch.flush() && !this.#isOver) {
      let isThrough = false;
      while (!this.#batch.isFull && !isThrough) {
        const what = this.#sender.next(now);
        isThrough = what === undefined;
        if (what === undefined) break;
        const length = this.#outgoing.read(what.block, what.count, this.#plain);
        this.#batch.add(length + overheadBytes, (target) =>
          this.#blockSealer.seal(target, what, this.#plain.subarray(0, length)),
        );
      }
      if (isThrough && this.#batch.flush()) break;
    }
    this.#wake(Math.max(now + 1, this.#sender.wakeAt(now)));
    if (this.#wasFull && this.backlog < backlogRoom) {
      this.#wasFull = false;
      this.#listener?.drained();
    }
  }

  #armReport(): void {
    const at = this.#receiver.reportAt;
    if (at >= this.#reportsAt || this.#isOver || !this.#hasBegun) return;
    this.#stopReporting();
    this.#reportsAt = at;
    this.#stopReporting = this.#parts.clock.after(Math.max(0, at - this.#parts.clock.now()), () => {
      this.#reportsAt = Number.POSITIVE_INFINITY;
      this.#report();
      this.#armReport();
    });
  }

  #report(): void {
    const report = this.#receiver.report(this.#parts.clock.now());
    const what = { kind: kinds.report, flags: 0, counter: this.#reports++, block: 0, count: 0 };
    const length = this.#reportSealer.seal(this.#reportBytes, what, report);
    this.#transmit(this.#reportBytes.subarray(0, length), length);
  }

  #close(error: ManifoldError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWaking();
    this.#stopReporting();
    this.#stopLooking();
    this.#ending = { error };
    this.#parts.ended(error);
    this.#listener?.closed(error);
  }
}

type PairKey = { readonly secret: Uint8Array; readonly session: number };
