// What the lanes of a run share that looks for renamed files: how much old content may still be held, how much
// may still wait, and, as bits, of which sizes and times files of the target were seen.

import { type Directory, isRegular } from "../../tree/index.ts";

/** Entries that wait take so much memory at most, at each end: a further one goes its way at once. Arbitrary. */
const waitingBytesMax = 64 * 1024 * 1024;
/** Held content is counted in pages. */
const pageBytes = 4096;
/** A million files leave seven bits of eight unset. */
const hintWords = 2 ** 18;
/**
 * Lanes take turns among so many tables of hints: processors that write to one and the same wait for each other's
 * caches, 100 ns a file. What nobody writes to takes no memory.
 */
const hintTables = 4;

const words = { heldPages: 0, waitingBytes: 1, isFull: 2, isEmpty: 3, hasSpare: 4 } as const;
const firstHint = 16;

/** Such memory, as one thread sees it. */
export class MoveMemory {
  readonly #words: Int32Array;
  /** Where the table begins that this thread writes to. */
  readonly #own: number;

  /** Returns new memory; `freeBytes`: what is free on the target's file system, of which half may be held. */
  static create(freeBytes: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer((firstHint + hintTables * hintWords) * 4);
    const memory = new Int32Array(buffer);
    memory[words.heldPages] = Math.min(2 ** 31 - 1, Math.floor(freeBytes / 2 / pageBytes));
    memory[words.waitingBytes] = waitingBytesMax;
    return buffer;
  }

  /** `lane`: the number of the lane that looks. */
  constructor(buffer: SharedArrayBuffer, lane: number) {
    this.#words = new Int32Array(buffer);
    this.#own = firstHint + (lane % hintTables) * hintWords;
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

  get hasSpare(): boolean {
    return Atomics.load(this.#words, words.hasSpare) !== 0;
  }

  #take(word: number, amount: number): boolean {
    if (Atomics.sub(this.#words, word, amount) >= amount) return true;
    Atomics.add(this.#words, word, amount);
    return false;
  }

  /** The regular files of a listing were seen. Two threads may undo one another's: it is a hint. */
  see({ mode, size, mtime, mtimeNanos, count }: Directory): void {
    const [words, own] = [this.#words, this.#own];
    for (let i = 0; i < count; i++) {
      if (!isRegular(mode[i] as number)) continue;
      const bit = hintOf(size[i] as number, mtime[i] as number, mtimeNanos[i] as number);
      const at = own + (bit >>> 5);
      words[at] = (words[at] as number) | (1 << (bit & 31));
    }
  }

  /** Says whether one may have been seen, by whichever lane. */
  hasSeen(size: number, mtime: number, nanos: number): boolean {
    const bit = hintOf(size, mtime, nanos);
    for (let table = 0; table < hintTables; table++) {
      const word = this.#words[firstHint + table * hintWords + (bit >>> 5)] as number;
      if ((word & (1 << (bit & 31))) !== 0) return true;
    }
    return false;
  }
}

/** Mixes three numbers as MurmurHash3 does (public domain). Of a size above 4 GiB only the lower half counts. */
function hintOf(size: number, mtime: number, nanos: number): number {
  let h = Math.imul(size >>> 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16) ^ (mtime | 0), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ nanos, 0xc2b2ae35);
  return (h ^ (h >>> 16)) & (hintWords * 32 - 1);
}
