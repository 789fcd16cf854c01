// The plain bytes at the beginning of a conversation, before anything is multiplexed: read item by item, and what comes
// behind them is handed on.

import { type Clock, ManifoldError } from "../../base/index.ts";
import type { Channel, ChannelListener } from "../../transport/index.ts";
import { WatchedChannel } from "../wire/watched-channel.ts";
import { WireBuffer } from "../wire/wire-buffer.ts";
import type { WireCursor } from "../wire/wire-cursor.ts";

/** Bytes of an item of a greeting. */
const itemBytesMax = 8192;

/** Reads from a channel, whose listener it is until somebody else listens. */
export class PlainReader {
  /** Watched as soon as somebody says so. */
  readonly channel: WatchedChannel;
  readonly #clock: Clock;
  /** Bytes that have come and belong to nobody yet. */
  #held: Uint8Array[] = [];
  #take: ((cursor: WireCursor) => void) | undefined;
  #closed: { readonly error: ManifoldError | undefined } | undefined;
  #listener: ChannelListener | undefined;
  #failed: (() => void) | undefined;

  constructor(channel: Channel, clock: Clock) {
    this.channel = new WatchedChannel(channel, clock);
    this.#clock = clock;
    this.channel.listen({
      data: (bytes) => this.#data(bytes),
      drained: () => this.#listener?.drained(),
      closed: (error) => {
        this.#closed = { error };
        this.#failed?.();
        this.#listener?.closed(error);
      },
    });
  }

  /** Resolves to what `parse` reads. Rejects when that breaks the protocol, is not there in time, or the channel ends. */
  read<T>(parse: (cursor: WireCursor) => T, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        cancel();
        this.#take = undefined;
        this.#failed = undefined;
        act();
      };
      const { label } = this.channel;
      const cancel = this.#clock.after(timeoutMs, () => {
        const message = `${label} said nothing for ${timeoutMs / 1000} seconds`;
        settle(() => reject(new ManifoldError("timeout", message)));
      });
      this.#take = (cursor) => {
        const value = parse(cursor);
        settle(() => resolve(value));
      };
      this.#failed = () => {
        const message = `${label} ended the conversation before it had begun`;
        const gone = new ManifoldError("connection-lost", message);
        settle(() => reject(this.#closed?.error ?? gone));
      };
      this.#goOn((error) => settle(() => reject(error)));
      if (this.#closed !== undefined) this.#failed?.();
    });
  }

  /** Hands everything that comes from here on to somebody else. */
  listen(listener: ChannelListener): void {
    const held = this.#held;
    this.#held = [];
    queueMicrotask(() => {
      for (const bytes of held) listener.data(bytes);
      this.#listener = listener;
      for (const bytes of this.#held.splice(0)) listener.data(bytes);
      if (this.#closed !== undefined) listener.closed(this.#closed.error);
    });
  }

  #data(bytes: Uint8Array): void {
    if (this.#listener !== undefined) {
      this.#listener.data(bytes);
      return;
    }
    this.#held.push(bytes.slice());
    this.#goOn(() => undefined);
  }

  /** Reads as far as somebody waits; what is left stays whole. */
  #goOn(failed: (error: unknown) => void): void {
    if (this.#take === undefined || this.#held.length === 0) return;
    const bytes = Buffer.concat(this.#held);
    let used = 0;
    try {
      new WireBuffer(itemBytesMax).feed(bytes, (cursor) => {
        this.#take?.(cursor);
        used = cursor.at;
        return false;
      });
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      failed(error);
      this.#closed ??= { error };
      this.#failed?.();
    }
    const rest = new Uint8Array(bytes.subarray(used));
    this.#held = rest.length > 0 ? [rest] : [];
  }
}
