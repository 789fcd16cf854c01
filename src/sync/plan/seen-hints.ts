// Of which sizes and times files of the target were seen, by whichever lane: each lane writes one number a file, one after
// another, and who asks for the first time makes bits of all of them. Where nothing differs nobody asks, and
// to write in order costs a tenth of what it costs to set bits all over a table.

import { type Directory, isRegular } from "../../tree/index.ts";

/** A million files leave seven bits of eight unset. */
const bitWords = 2 ** 18;
/** Lanes take turns among so many rings; two that share one may undo one another's numbers. What nobody writes to takes no memory. */
const rings = 8;
/** Numbers in a ring: what was seen before those, and nobody asked for since, is forgotten. */
const ringNumbers = 2 ** 20;

/** Such memory, as one thread sees it. */
export class SeenHints {
  /** How many numbers each ring was given, then the rings. */
  readonly #words: Int32Array;
  readonly #own: number;
  /** Bits for all numbers that this thread has read. */
  #bits: Int32Array | undefined;
  readonly #read = new Float64Array(rings);

  /** Words of shared memory that it takes. */
  static readonly words: number = rings * (1 + ringNumbers);

  /** `words`: the memory; `lane`: the number of the lane that looks. */
  constructor(words: Int32Array, lane: number) {
    this.#words = words;
    this.#own = lane % rings;
  }

  /** The regular files of a listing were seen. */
  see({ mode, size, mtime, mtimeNanos, count }: Directory): void {
    const [words, own] = [this.#words, this.#own];
    const start = rings + own * ringNumbers;
    let used = Atomics.load(words, own);
    for (let i = 0; i < count; i++) {
      if (!isRegular(mode[i] as number)) continue;
      const hint = hintOf(size[i] as number, mtime[i] as number, mtimeNanos[i] as number);
      words[start + (used++ & (ringNumbers - 1))] = hint;
    }
    Atomics.store(words, own, used);
  }

  /** Says whether anything was seen. */
  get hasAny(): boolean {
    for (let ring = 0; ring < rings; ring++) if (Atomics.load(this.#words, ring) !== 0) return true;
    return false;
  }

  /** Says whether a file of that size and time may have been seen. */
  hasSeen(size: number, mtime: number, nanos: number): boolean {
    const bits = this.#readAll();
    const hint = hintOf(size, mtime, nanos);
    return ((bits[hint >>> 5] as number) & (1 << (hint & 31))) !== 0;
  }

  #readAll(): Int32Array {
    this.#bits ??= new Int32Array(bitWords);
    for (let ring = 0; ring < rings; ring++) {
      const used = Atomics.load(this.#words, ring) >>> 0;
      const from = Math.max(this.#read[ring] as number, used - ringNumbers);
      if (from < used) setBits(this.#bits, this.#words, rings + ring * ringNumbers, from, used);
      this.#read[ring] = used;
    }
    return this.#bits;
  }
}

/** Hot loop: sets the bits of numbers `from` to `to` of the ring that begins at `start`. */
function setBits(
  bits: Int32Array,
  words: Int32Array,
  start: number,
  from: number,
  to: number,
): void {
  for (let n = from; n < to; n++) {
    const hint = words[start + (n & (ringNumbers - 1))] as number;
    bits[hint >>> 5] = (bits[hint >>> 5] as number) | (1 << (hint & 31));
  }
}

function hintOf(size: number, mtime: number, nanos: number): number {
  return hashOfLook(size, mtime, nanos) & (bitWords * 32 - 1);
}

/** Mixes three numbers to 32 bits as MurmurHash3 does (public domain). Of a size above 4 GiB only the lower half counts. */
export function hashOfLook(size: number, mtime: number, nanos: number): number {
  let h = Math.imul(size >>> 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16) ^ (mtime | 0), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ nanos, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
