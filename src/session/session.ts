// One end of a session: the hello, then frames, then goodbye. A state machine over a channel and a
// clock; what messages mean is not known here.

import { ManifoldError } from "../base/index.ts";
import type { Channel } from "../transport/index.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { endedEarly } from "./greeting.ts";
import { Heartbeat } from "./heartbeat.ts";
import { encodeHello, HelloReader } from "./hello.ts";
import {
  backlogFull,
  backlogRoom,
  channelBytesMax,
  partingMs,
  undeliveredBytesMax,
} from "./limits.ts";
import { negotiate } from "./negotiate.ts";
import { type LaneNumber, lane, type Peer, type PeerListener } from "./peer.ts";
import type { SessionParts } from "./session-parts.ts";
import { Slabs } from "./slabs.ts";

/** Time for what was sent last to leave before a channel is torn down, in milliseconds. Arbitrary. */
const lingerMs = 2000;

/** What a waiting message costs besides its bytes: empty ones are not free. */
const waitingCost = 256;

/** A message that has come and waits for its listener. */
interface Waiting {
  readonly lane: LaneNumber;
  readonly message: Uint8Array;
}

/** One end of a session. */
export class Session implements Peer {
  readonly label: string;
  private readonly channel: Channel;
  private readonly parts: SessionParts;
  private readonly helloReader: HelloReader;
  private readonly reader: FrameReader;
  private readonly writer: FrameWriter;
  readonly slabs = new Slabs();
  private heart: Heartbeat | undefined;
  private stopHandshake: () => void;
  private stopParting: () => void = () => undefined;
  private listener: PeerListener | undefined;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private isGreeted = false;
  private isPaused = false;
  private isDelivering = false;
  private isPumpDue = false;
  private wasFull = false;
  private isLeaving = false;
  private hasSentGoodbye = false;
  private hasGoodbye = false;
  private isOver = false;
  private ending: { error: ManifoldError | undefined } | undefined;
  bytesSent = 0;
  bytesReceived = 0;

  constructor(channel: Channel, parts: SessionParts) {
    this.channel = channel;
    this.label = channel.label;
    this.parts = parts;
    this.helloReader = new HelloReader(this.label);
    this.reader = new FrameReader(this.label, parts.messageLimits, {
      room: (number, length) =>
        number === lane.content
          ? this.slabs.take(length)
          : new Uint8Array(new SharedArrayBuffer(length)),
      message: (number, message) => this.take(number, message),
      goodbye: () => {
        this.hasGoodbye = true;
        if (this.hasSentGoodbye) this.close(undefined, false);
        else this.leave();
      },
    });
    this.writer = new FrameWriter((bytes, left) => {
      this.bytesSent += bytes.length;
      channel.send(bytes, left);
    });
    const hello = encodeHello(parts.hello);
    this.bytesSent += hello.length;
    channel.send(hello);
    this.stopHandshake = parts.clock.after(parts.handshakeTimeoutMs, () => this.handshakeSilent());
    channel.listen({
      data: (bytes) => this.data(bytes),
      drained: () => this.pump(),
      closed: (error) => this.channelClosed(error),
    });
  }

  get backlog(): number {
    return this.writer.backlog + this.channel.backlog;
  }

  get isFull(): boolean {
    return this.backlog > backlogFull;
  }

  listen(listener: PeerListener): void {
    this.listener = listener;
    queueMicrotask(() => this.deliver());
  }

  send(number: LaneNumber, ...parts: readonly Uint8Array[]): void {
    this.sendThen(number, parts);
  }

  sendThen(number: LaneNumber, parts: readonly Uint8Array[], left?: () => void): void {
    if (this.isOver || this.isLeaving) return;
    this.writer.add(number, parts, left);
    if (this.isFull) this.wasFull = true;
    this.duePump();
  }

  /** Takes no more messages until `resume`: the other end will have to wait. */
  pause(): void {
    this.isPaused = true;
    this.channel.pause();
  }

  /** Takes messages again. */
  resume(): void {
    this.isPaused = false;
    queueMicrotask(() => this.deliver());
  }

  end(): void {
    this.leave();
  }

  destroy(): void {
    this.close(undefined, true);
  }

  /** Sends what is queued once this turn's code is through, so that the most urgent of it goes first. */
  private duePump(): void {
    if (this.isPumpDue) return;
    this.isPumpDue = true;
    queueMicrotask(() => {
      this.isPumpDue = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.isOver) return;
    const { channel, writer } = this;
    const before = this.bytesSent;
    while (channel.backlog < channelBytesMax && writer.writeFrame());
    writer.flush();
    if (this.isLeaving && writer.isEmpty && !this.hasSentGoodbye && this.isGreeted) {
      this.hasSentGoodbye = true;
      writer.writeGoodbye();
      this.awaitGoodbye();
    }
    channel.flush();
    if (this.bytesSent > before) this.heart?.sent();
    if (this.wasFull && this.backlog < backlogRoom) {
      this.wasFull = false;
      this.listener?.drained();
    }
    if (this.hasSentGoodbye && this.hasGoodbye) this.close(undefined, false);
  }

  /** An end that has left this process with all it had to say does not wait for ever for the other's goodbye. */
  private awaitGoodbye(): void {
    if (this.hasGoodbye) return;
    this.stopParting = this.parts.clock.after(partingMs, () => {
      if (this.channel.backlog > 0) this.awaitGoodbye();
      else this.timeOut(`no goodbye came within ${partingMs / 1000} seconds`);
    });
  }

  private leave(): void {
    this.isLeaving = true;
    this.duePump();
  }

  private data(bytes: Uint8Array): void {
    if (this.isOver) return;
    this.bytesReceived += bytes.length;
    const { frames } = this.reader;
    try {
      if (this.isGreeted) this.reader.push(bytes);
      else this.greet(bytes);
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      this.close(error, false);
      return;
    }
    this.heart?.received(bytes.length, this.reader.frames > frames);
  }

  private greet(bytes: Uint8Array): void {
    if (!this.helloReader.hasBegun) {
      this.stopHandshake();
      const { clock, handshakeTimeoutMs } = this.parts;
      this.stopHandshake = clock.after(handshakeTimeoutMs, () => this.handshakeSilent());
    }
    const hello = this.helloReader.push(bytes);
    if (hello === undefined) return;
    this.stopHandshake();
    const negotiated = negotiate(this.label, this.parts.hello, hello);
    this.isGreeted = true;
    this.heart = new Heartbeat(this.parts.clock, negotiated.timeoutMs, {
      beat: () => {
        if (this.channel.backlog === 0 && !this.hasSentGoodbye) this.writer.writeKeepAlive();
        this.channel.flush();
      },
      silent: () => this.timeOut(`nothing came for ${negotiated.timeoutMs / 1000} seconds`),
      isDeaf: () => this.isPaused || this.waitingBytes > undeliveredBytesMax,
    });
    this.parts.greeted(negotiated);
    this.duePump();
    this.reader.push(this.helloReader.rest);
  }

  private handshakeSilent(): void {
    const seconds = this.parts.handshakeTimeoutMs / 1000;
    const cutOff = this.helloReader.hasBegun ? this.helloReader.cutOff() : undefined;
    if (cutOff === undefined) this.timeOut(`no greeting came within ${seconds} seconds`);
    else this.close(cutOff, false);
  }

  private timeOut(words: string): void {
    this.close(new ManifoldError("timeout", `${this.label}: ${words}`), true);
  }

  private take(number: LaneNumber, message: Uint8Array): void {
    if (this.listener !== undefined && !this.isPaused && this.waiting.length === 0) {
      this.listener.message(number, message);
      return;
    }
    this.waiting.push({ lane: number, message });
    this.waitingBytes += message.length + waitingCost;
    if (this.waitingBytes > undeliveredBytesMax) this.channel.pause();
  }

  /** Hands over what has waited, and how it ended when it has. */
  private deliver(): void {
    const { listener } = this;
    if (listener === undefined || this.isDelivering) return;
    this.isDelivering = true;
    let taken = 0;
    while (!this.isPaused && taken < this.waiting.length) {
      const { lane: number, message } = this.waiting[taken++] as Waiting;
      this.waitingBytes -= message.length + waitingCost;
      listener.message(number, message);
    }
    this.waiting = this.waiting.slice(taken);
    this.isDelivering = false;
    if (this.waiting.length > 0 || this.isPaused) return;
    this.channel.resume();
    if (this.ending === undefined) return;
    const { error } = this.ending;
    this.ending = undefined;
    listener.closed(error);
  }

  private channelClosed(error: ManifoldError | undefined): void {
    if (this.isOver) return;
    const greeting = this.isGreeted ? undefined : this.helloReader.cutOff();
    const isKnown = error !== undefined && error.code !== "connection-lost";
    const lost = endedEarly(this.label, error, this.isGreeted);
    this.close(isKnown ? lost : (greeting ?? lost), true);
  }

  /** The session is over. `isAtOnce`: nothing that was sent needs to arrive. */
  private close(error: ManifoldError | undefined, isAtOnce: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    this.heart?.stop();
    this.stopHandshake();
    this.stopParting();
    this.writer.clear();
    if (isAtOnce) this.channel.destroy();
    else this.linger();
    if (!this.isGreeted) {
      const words = `${this.label}: the session was given up`;
      this.parts.greeted(error ?? new ManifoldError("connection-lost", words));
      return;
    }
    this.ending = { error };
    queueMicrotask(() => this.deliver());
  }

  /** Lets what was sent last go out, to an end that may never read it. */
  private linger(): void {
    this.channel.end();
    this.parts.clock.after(lingerMs, () => this.channel.destroy());
  }
}
