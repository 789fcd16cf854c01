// Blocks on their way into a target's copy of a stream: those that come one after the other are written together.

import type { StreamCopy } from "./stream-copy.ts";

/** Bytes that wait to be written at the most. */
const runBytesMax = 256 * 1024;

/** Such blocks. */
export class BlockFile {
  readonly #file: StreamCopy;
  readonly #blockBytes: number;
  readonly #run: Uint8Array;
  /** Where what waits belongs, and how much that is. */
  #runAt = 0;
  #runBytes = 0;

  /** The copy remains its maker's. */
  constructor(blockBytes: number, file: StreamCopy) {
    this.#file = file;
    this.#blockBytes = blockBytes;
    this.#run = new Uint8Array(Math.max(blockBytes, runBytesMax));
  }

  /** Takes a block. A repair does not interrupt those that come in order. */
  put(block: number, bytes: Uint8Array): void {
    const at = block * this.#blockBytes;
    const end = this.#runAt + this.#runBytes;
    if (at < end) {
      this.#file.write(bytes, at);
      return;
    }
    if (at > end || this.#runBytes + bytes.length > this.#run.length) {
      this.flush();
      this.#runAt = at;
    }
    this.#run.set(bytes, this.#runBytes);
    this.#runBytes += bytes.length;
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#runBytes > 0) this.#file.write(this.#run.subarray(0, this.#runBytes), this.#runAt);
    this.#runAt += this.#runBytes;
    this.#runBytes = 0;
  }

  /** All blocks are here; what the last one was filled up with is cut off. */
  finish(bytes: number): void {
    this.flush();
    this.#file.truncate(bytes);
  }
}
