// The multiplexed stream: frames of 24 bits of length and a tag, of which those with the tag "data" make one stream of bytes,
// cut anywhere, and the others are messages.

import { payloadBytes, tag } from "./message-tags.ts";
import { brokenProtocol } from "./wire-cursor.ts";

/** Bytes ahead of a frame's payload. */
export const headBytes = 4;
const tagBase = 7;
/** What rsync itself never exceeds by much. */
export const dataBytesMax = 32_768;

/** Returns a frame. */
export function encodeFrame(frameTag: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + payload.length);
  frameHead(frame, 0, frameTag, payload.length);
  frame.set(payload, headBytes);
  return frame;
}

/** Writes what goes ahead of a frame's payload. */
export function frameHead(bytes: Uint8Array, at: number, frameTag: number, length: number): void {
  for (let i = 0; i < headBytes - 1; i++) bytes[at + i] = (length >>> (8 * i)) & 0xff;
  bytes[at + headBytes - 1] = tagBase + frameTag;
}

/** Who takes what comes. */
export interface FrameListener {
  /** Bytes of the stream; good until this returns. */
  data(bytes: Uint8Array): void;
  message(messageTag: number, payload: Uint8Array): void;
}

/** Takes a stream apart. */
export class FrameSplitter {
  readonly #listener: FrameListener;
  readonly #head = new Uint8Array(headBytes);
  #headUsed = 0;
  /** Bytes of the frame that have not come. */
  #left = 0;
  #tag = 0;
  #payload = new Uint8Array(0);
  #payloadUsed = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Says whether the stream may end here. */
  get isBetween(): boolean {
    return this.#headUsed === 0 && this.#left === 0;
  }

  /** Takes bytes. Throws a protocol-data error for what is no frame. */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        this.#head[this.#headUsed++] = bytes[at++] as number;
        if (this.#headUsed === headBytes) this.#begin();
        continue;
      }
      const taken = Math.min(this.#left, bytes.length - at);
      const part = bytes.subarray(at, at + taken);
      at += taken;
      this.#left -= taken;
      if (this.#tag === tag.data) this.#listener.data(part);
      else this.#gather(part);
    }
  }

  #begin(): void {
    this.#headUsed = 0;
    const [low = 0, middle = 0, high = 0, top = 0] = this.#head;
    this.#tag = top - tagBase;
    this.#left = low | (middle << 8) | (high << 16);
    if (this.#tag === tag.data) return;
    const bounds = payloadBytes.get(this.#tag);
    if (bounds === undefined) throw brokenProtocol(`a message has the unknown tag ${this.#tag}`);
    const [min, max] = bounds;
    if (this.#left < min || this.#left > max) {
      throw brokenProtocol(`a message with tag ${this.#tag} has ${this.#left} bytes`);
    }
    this.#payload = new Uint8Array(this.#left);
    this.#payloadUsed = 0;
    if (this.#left === 0) this.#listener.message(this.#tag, this.#payload);
  }

  #gather(part: Uint8Array): void {
    this.#payload.set(part, this.#payloadUsed);
    this.#payloadUsed += part.length;
    if (this.#left === 0) this.#listener.message(this.#tag, this.#payload);
  }
}
