// Sends a stream of bytes as frames: what is written in one turn of the event loop leaves together.

import type { Channel } from "../../transport/index.ts";
import { dataBytesMax, encodeFrame } from "./frames.ts";
import { tag } from "./message-tags.ts";
import { WireWriter } from "./wire-writer.ts";

/** One direction of a multiplexed conversation. */
export class FrameSender {
  readonly writer = new WireWriter();
  readonly #channel: Channel;
  #isDue = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** What was written is to leave soon. */
  written(): void {
    if (this.writer.length >= dataBytesMax) this.flush();
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.flush();
    });
  }

  /** Sends what was written; `left` is called when that has left this process, or when there was nothing. */
  flush(left?: () => void): void {
    if (this.writer.length === 0) {
      left?.();
      return;
    }
    const bytes = this.writer.take();
    for (let at = 0; at < bytes.length; at += dataBytesMax) {
      const isLast = at + dataBytesMax >= bytes.length;
      const frame = encodeFrame(tag.data, bytes.subarray(at, at + dataBytesMax));
      this.#channel.send(frame, isLast ? left : undefined);
    }
  }

  /** Sends a message behind what was written. */
  message(messageTag: number, payload: Uint8Array, left?: () => void): void {
    this.flush();
    this.#channel.send(encodeFrame(messageTag, payload), left);
  }
}
