// A channel whose conversation begins with lines of text: what is said before the two ends know what they
// are to each other. After the lines it is the channel that it was.

import { type Clock, ManifoldError } from "../base/index.ts";
import type { Channel, ChannelListener } from "./channel.ts";

/** Bytes of a line; longer ones end the connection. */
export const lineBytesMax = 1024;

/** Reads lines until somebody listens. */
export interface LineChannel extends Channel {
  /** Resolves to the next line, without its end. Rejects with ManifoldError when it is too long, too late, or does not come. */
  readLine(timeoutMs: number): Promise<string>;
  /** Resolves to so many bytes that follow a line; rejects likewise. */
  readBytes(count: number, timeoutMs: number): Promise<Uint8Array>;
}

/** Begins to receive from the channel, whose listener this is from now on. */
export function lineChannel(channel: Channel, clock: Clock): LineChannel {
  return new Lines(channel, clock);
}

class Lines implements LineChannel {
  readonly #inner: Channel;
  readonly #clock: Clock;
  #held: Buffer = Buffer.alloc(0);
  #bytesMax = lineBytesMax;
  #listener: ChannelListener | undefined;
  #closed: { readonly error: ManifoldError | undefined } | undefined;
  #changed: () => void = () => undefined;

  constructor(inner: Channel, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
    inner.listen({
      data: (bytes) => this.#data(bytes),
      drained: () => this.#listener?.drained(),
      closed: (error) => {
        this.#closed = { error };
        this.#changed();
        this.#listener?.closed(error);
      },
    });
  }

  get label(): string {
    return this.#inner.label;
  }

  get backlog(): number {
    return this.#inner.backlog;
  }

  readLine(timeoutMs: number): Promise<string> {
    return this.#read(lineBytesMax, timeoutMs, () => {
      const end = this.#held.subarray(0, lineBytesMax).indexOf(0x0a);
      if (end >= 0) return this.#take(end, 1).toString("latin1");
      if (this.#held.length < lineBytesMax) return undefined;
      const message = `${this.label} sent a line of more than ${lineBytesMax} bytes`;
      throw new ManifoldError("protocol-data", message);
    });
  }

  readBytes(count: number, timeoutMs: number): Promise<Uint8Array> {
    return this.#read(count, timeoutMs, () =>
      this.#held.length < count ? undefined : new Uint8Array(this.#take(count, 0)),
    );
  }

  #take(length: number, behind: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length + behind);
    return taken;
  }

  /** Resolves to what `take` finds in what has come; it holds as many bytes as that may need. */
  #read<T>(bytesMax: number, timeoutMs: number, take: () => T | undefined): Promise<T> {
    this.#bytesMax = Math.max(lineBytesMax, bytesMax);
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        cancel();
        this.#changed = () => undefined;
        act();
      };
      const fail = (code: "timeout" | "socket-io", says: string): void =>
        settle(() => reject(new ManifoldError(code, `${this.label} ${says}`)));
      const cancel = this.#clock.after(timeoutMs, () =>
        fail("timeout", `said nothing for ${timeoutMs / 1000} seconds`),
      );
      this.#changed = () => {
        let taken: T | undefined;
        try {
          taken = take();
        } catch (error) {
          settle(() => reject(error));
          return;
        }
        if (taken !== undefined) {
          const found = taken;
          settle(() => resolve(found));
        } else if (this.#closed !== undefined) {
          const { error } = this.#closed;
          if (error === undefined) fail("socket-io", "closed the connection");
          else settle(() => reject(error));
        }
      };
      this.#inner.resume();
      this.#changed();
    });
  }

  listen(listener: ChannelListener): void {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    queueMicrotask(() => {
      if (held.length > 0) listener.data(new Uint8Array(held));
      this.#listener = listener;
      if (this.#held.length > 0) listener.data(new Uint8Array(this.#held));
      this.#held = Buffer.alloc(0);
      if (this.#closed !== undefined) listener.closed(this.#closed.error);
      else this.#inner.resume();
    });
  }

  send(bytes: Uint8Array, left?: () => void): void {
    this.#inner.send(bytes, left);
  }

  flush(): void {
    this.#inner.flush();
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  end(): void {
    this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  #data(bytes: Uint8Array): void {
    if (this.#listener !== undefined) {
      this.#listener.data(bytes);
      return;
    }
    this.#held = Buffer.concat([this.#held, bytes]);
    // Nobody may make us hold more than what is read and what came with it.
    if (this.#held.length >= this.#bytesMax) this.#inner.pause();
    this.#changed();
  }
}
