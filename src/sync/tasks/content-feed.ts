// Shared memory through which the run's thread hands a lane the content of a large file, message by
// message, while the lane writes it: two places, filled and emptied in turn, so that one is at hand
// while the other one is on its way.

import { assert, systemClock } from "../../base/index.ts";
import { copyBytes } from "../../transport/index.ts";

/** Numbers at the front of the memory: how long the message in each place is, 0 = it is empty. */
const places = 2;
const headBytes = 4 * places;
/** How long a lane waits before it looks whether the run was cancelled, in milliseconds. */
const waitMs = 50;

let waitedMs = 0;

/** How long this thread has waited for content so far, in milliseconds: more lanes would not make it come sooner. */
export function feedWaitMs(): number {
  return waitedMs;
}

/** Returns how much memory a feed for messages of up to so many bytes takes. */
export function feedBytes(messageBytesMax: number): number {
  return headBytes + places * messageBytesMax;
}

function placeBytes(memory: SharedArrayBuffer): number {
  return Math.floor((memory.byteLength - headBytes) / places);
}

/** The end that fills. */
export class FeedWriter {
  readonly #memory: SharedArrayBuffer;
  readonly #lengths: Int32Array;
  #next = 0;

  /** The memory is emptied; nobody reads there yet. */
  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.#lengths = new Int32Array(memory, 0, places).fill(0);
  }

  /** Says whether a message of that length can ever be put. */
  fits(length: number): boolean {
    return length <= placeBytes(this.#memory);
  }

  /** Puts a message, which is copied; false = there is no room yet. */
  put(message: Uint8Array): boolean {
    const place = this.#next;
    assert(this.fits(message.length) && message.length > 0, "A message fits into its place.");
    if (Atomics.load(this.#lengths, place) !== 0) return false;
    const size = placeBytes(this.#memory);
    const into = new Uint8Array(this.#memory, headBytes + place * size, message.length);
    copyBytes(into, 0, message, 0, message.length);
    Atomics.store(this.#lengths, place, message.length);
    Atomics.notify(this.#lengths, place);
    this.#next = (place + 1) % places;
    return true;
  }
}

/** The end that empties. It blocks its thread. */
export class FeedReader {
  readonly #memory: SharedArrayBuffer;
  readonly #lengths: Int32Array;
  #next = 0;
  #holds = false;
  /** How many messages were taken so far. */
  taken = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.#lengths = new Int32Array(memory, 0, places);
  }

  /** Gives back the message that was taken last. */
  release(): void {
    if (!this.#holds) return;
    this.#holds = false;
    Atomics.store(this.#lengths, this.#next, 0);
    this.#next = (this.#next + 1) % places;
  }

  /** Waits for the next message, a view that is good until release(). `check` is called now and then and may throw. */
  take(check: () => void): Uint8Array {
    this.release();
    const place = this.#next;
    for (;;) {
      const length = Atomics.load(this.#lengths, place);
      if (length !== 0) {
        this.#holds = true;
        this.taken++;
        const size = placeBytes(this.#memory);
        return new Uint8Array(this.#memory, headBytes + place * size, length);
      }
      check();
      const began = systemClock.now();
      Atomics.wait(this.#lengths, place, 0, waitMs);
      waitedMs += systemClock.now() - began;
    }
  }
}
