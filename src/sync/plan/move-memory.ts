// What the lanes of a run share that looks for renamed files: how much old content may still be held, how much
// may still wait, and which files of the target were seen.

import { SeenHints } from "./seen-hints.ts";

/** Entries that wait take so much memory at most, at each end: a further one goes its way at once. Arbitrary. */
const waitingBytesMax = 64 * 1024 * 1024;
/** Held content is counted in pages. */
const pageBytes = 4096;
const words = { heldPages: 0, waitingBytes: 1, isFull: 2, isEmpty: 3, hasSpare: 4 } as const;
const firstHint = 8;

/** Such memory, as one thread sees it. */
export class MoveMemory {
  readonly #words: Int32Array;
  /** Sizes and times of files of the target: of all, where deletions came first. */
  readonly seen: SeenHints;

  /** Returns new memory; `freeBytes`: what is free on the target's file system, of which half may be held. */
  static create(freeBytes: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer((firstHint + SeenHints.words) * 4);
    const memory = new Int32Array(buffer);
    memory[words.heldPages] = Math.min(2 ** 31 - 1, Math.floor(freeBytes / 2 / pageBytes));
    memory[words.waitingBytes] = waitingBytesMax;
    return buffer;
  }

  /** `lane`: the number of the lane that looks. */
  constructor(buffer: SharedArrayBuffer, lane: number) {
    this.#words = new Int32Array(buffer);
    this.seen = new SeenHints(this.#words.subarray(firstHint), lane);
  }

  /** Says whether so much old content may be held, which then is. */
  holds(size: number): boolean {
    const pages = Math.ceil(size / pageBytes);
    if (pages > 2 ** 30) return false;
    return this.#take(words.heldPages, pages);
  }

  /** Says whether entries may wait that take so much memory. */
  waits(bytes: number): boolean {
    return bytes <= waitingBytesMax && this.#take(words.waitingBytes, bytes);
  }

  /** Something could not wait; true = nobody has told so yet, and this caller does. */
  tellsFull(): boolean {
    return Atomics.exchange(this.#words, words.isFull, 1) === 0;
  }

  /** The target is empty: nothing need wait. */
  markEmpty(): void {
    Atomics.store(this.#words, words.isEmpty, 1);
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#words, words.isEmpty) !== 0;
  }

  /** Directories were seen that only the target has: whatever differs may be in one of them. */
  markSpare(): void {
    Atomics.store(this.#words, words.hasSpare, 1);
  }

  /** Complete when all of the target was seen. */
  get hasSpare(): boolean {
    return Atomics.load(this.#words, words.hasSpare) !== 0;
  }

  #take(word: number, amount: number): boolean {
    if (Atomics.sub(this.#words, word, amount) >= amount) return true;
    Atomics.add(this.#words, word, amount);
    return false;
  }
}
