// What the lanes of a run share that looks for renamed files: how much old content may still be held, how much
// may still wait, and, as bits, of which sizes and times files of the target were seen.

/** Entries that wait take so much memory at most, at each end: a further one goes its way at once. Arbitrary. */
const waitingBytesMax = 64 * 1024 * 1024;
/** Held content is counted in pages. */
const pageBytes = 4096;
/** A million files leave seven bits of eight unset. */
const hintWords = 2 ** 18;

const words = { heldPages: 0, waitingBytes: 1, isFull: 2, isEmpty: 3, hasSpare: 4 } as const;
const firstHint = 16;

/** Such memory, as one thread sees it. */
export class MoveMemory {
  readonly #words: Int32Array;

  /** Returns new memory; `freeBytes`: what is free on the target's file system, of which half may be held. */
  static create(freeBytes: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer((firstHint + hintWords) * 4);
    const memory = new Int32Array(buffer);
    memory[words.heldPages] = Math.min(2 ** 31 - 1, Math.floor(freeBytes / 2 / pageBytes));
    memory[words.waitingBytes] = waitingBytesMax;
    return buffer;
  }

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  /** Says whether so much old content may be held, which then is. */
  holds(size: number): boolean {
    const pages = Math.ceil(size / pageBytes);
    if (pages > 2 ** 30) return false;
    return this.#take(words.heldPages, pages);
  }

  /** Says whether entries may wait that take so much memory. */
  waits(bytes: number): boolean {
    if (bytes <= waitingBytesMax && this.#take(words.waitingBytes, bytes)) return true;
    Atomics.store(this.#words, words.isFull, 1);
    return false;
  }

  /** Says whether anything could not wait. */
  get isFull(): boolean {
    return Atomics.load(this.#words, words.isFull) !== 0;
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

  /** A file of that size and time was seen. Two threads may undo one another's: it is a hint. */
  see(size: number, mtime: number, nanos: number): void {
    const bit = hintOf(size, mtime, nanos);
    const at = firstHint + (bit >>> 5);
    this.#words[at] = (this.#words[at] as number) | (1 << (bit & 31));
  }

  /** Says whether one may have been seen. */
  hasSeen(size: number, mtime: number, nanos: number): boolean {
    const bit = hintOf(size, mtime, nanos);
    return ((this.#words[firstHint + (bit >>> 5)] as number) & (1 << (bit & 31))) !== 0;
  }
}

/** Mixes three numbers as MurmurHash3 does (public domain). */
function hintOf(size: number, mtime: number, nanos: number): number {
  let h = Math.imul(size >>> 0, 0x9e3779b1) ^ Math.floor(size / 2 ** 32);
  h = Math.imul(h ^ (h >>> 16) ^ (mtime | 0), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ nanos, 0xc2b2ae35);
  return (h ^ (h >>> 16)) & (hintWords * 32 - 1);
}
