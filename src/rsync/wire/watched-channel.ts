// A channel on which silence is noticed: where a limit was agreed on, an end that has nothing to send says so in time, and one of
// which nothing was heard for too long is given up.

import { type Clock, ManifoldError } from "../../base/index.ts";
import type { Channel, ChannelListener } from "../../transport/index.ts";
import { encodeFrame } from "./frames.ts";
import { tag } from "./message-tags.ts";

/** The longest silence that can be agreed on: a day. */
const silenceMsMax = 86_400_000;

/** Such a channel. Whatever is sent on it is whole frames from the moment that it is watched. */
export class WatchedChannel implements Channel {
  readonly #inner: Channel;
  readonly #clock: Clock;
  #listener: ChannelListener | undefined;
  #limitMs = 0;
  #cancel: () => void = () => undefined;
  /** Something was sent since the last look. */
  #hasSent = false;
  #heardAt = 0;
  #backlog = 0;
  #isPaused = false;
  #isOver = false;
  /** Bytes that went through, in each direction. */
  bytesSent = 0;
  bytesReceived = 0;

  constructor(inner: Channel, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  get label(): string {
    return this.#inner.label;
  }

  get backlog(): number {
    return this.#inner.backlog;
  }

  /** Nothing may be silent for longer than this from here on; 0, or more than is agreed on already, changes nothing. */
  watch(limitMs: number): void {
    const isLess = this.#limitMs === 0 || limitMs < this.#limitMs;
    if (limitMs <= 0 || limitMs > silenceMsMax || !isLess || this.#isOver) return;
    this.#limitMs = limitMs;
    this.#heardAt = this.#clock.now();
    this.#hasSent = true;
    this.#cancel();
    this.#look();
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    this.#inner.listen({
      data: (bytes) => {
        this.#heardAt = this.#clock.now();
        this.bytesReceived += bytes.length;
        listener.data(bytes);
      },
      drained: () => listener.drained(),
      closed: (error) => this.#close(error),
    });
  }

  send(bytes: Uint8Array, left?: () => void): void {
    this.#hasSent = true;
    this.bytesSent += bytes.length;
    this.#inner.send(bytes, left);
  }

  flush(): void {
    this.#inner.flush();
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#heardAt = this.#clock.now();
    this.#inner.resume();
  }

  end(): void {
    this.#inner.end();
  }

  destroy(): void {
    this.#stop();
    this.#inner.destroy();
  }

  /** Looks twice in the time that is agreed on. */
  #look(): void {
    const { backlog } = this.#inner;
    // Whoever takes what waits here is not silent, nor is one whom nobody listens to.
    if (backlog < this.#backlog || this.#isPaused) this.#heardAt = this.#clock.now();
    this.#backlog = backlog;
    if (this.#clock.now() - this.#heardAt >= this.#limitMs) {
      const message = `${this.label} said nothing for ${this.#limitMs / 1000} seconds`;
      this.#inner.destroy();
      this.#close(new ManifoldError("timeout", message));
      return;
    }
    if (!this.#hasSent) this.#inner.send(encodeFrame(tag.data, nothing));
    this.#hasSent = false;
    this.#cancel = this.#clock.after(this.#limitMs / 2, () => this.#look());
  }

  #stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #close(error: ManifoldError | undefined): void {
    this.#stop();
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.closed(error);
  }
}

const nothing = new Uint8Array(0);
