// Which files have a chunk, and where: the chunks of many files in columns, found by 64 bits of their digests. Memory has
// a limit: when it is reached, only chunks stay whose digests end in one more zero bit, half of them, and so on. Of a file
// that shares much with another some are found all the same, and what lies between two of them is likely shared, too
// (sparse indexing: Lillibridge et al., FAST 2009).

import { assert } from "../base/index.ts";
import { type ChunkList, chunkDigestBytes } from "./chunk-list.ts";

/** A part of a wanted file that some file has. */
export interface FoundRange {
  /** Where it begins in the wanted file, and where in the other one. */
  readonly position: number;
  readonly offset: number;
  readonly length: number;
  readonly file: number;
  /** Bytes of it whose digests are equal; of the others only the neighbours' are. */
  readonly provenBytes: number;
}

/** More chunks with one digest are not kept, nor looked at: nothing but zeroes, for one. */
const twinsMax = 8;
const entriesFirst = 1024;
const levelMax = 31;

/** Which chunks of a list. */
export interface ChunkRange {
  readonly first: number;
  readonly count: number;
}

/** The chunks of many files: 32 to 40 bytes for each of `chunksMax`. */
export class ChunkIndex {
  readonly #chunksMax: number;
  #print = new Uint32Array(entriesFirst);
  #otherPrint = new Uint32Array(entriesFirst);
  #file = new Uint32Array(entriesFirst);
  #length = new Uint32Array(entriesFirst);
  #offset = new Float64Array(entriesFirst);
  /** Numbers of entries + 1 by print, open addressing; 0 = free. */
  #slots = new Uint32Array(2 * entriesFirst);
  #count = 0;
  #level = 0;

  constructor(chunksMax: number) {
    assert(chunksMax >= 1 && chunksMax < 2 ** 30, "an index has room for 1 to 2^30 chunks");
    this.#chunksMax = chunksMax;
  }

  /** Chunks that are kept. */
  get count(): number {
    return this.#count;
  }

  /** One of 2^level chunks is kept. */
  get level(): number {
    return this.#level;
  }

  /** Adds the chunks of a file, all of the list's or some; `file` is whatever number below 2^32 the caller knows it by. */
  add(file: number, list: ChunkList, range: ChunkRange = { first: 0, count: list.count }): void {
    const { first, count } = range;
    const prints = printsOf(list, range);
    let offset = 0;
    for (let i = 0; i < count; i++) {
      const length = list.length(first + i);
      this.#add(prints[2 * i] as number, prints[2 * i + 1] as number, file, offset, length);
      offset += length;
    }
  }

  /**
   * Yields the parts of a wanted file that files of the index have, in their order and not overlapping: as long as
   * possible, in the file that the part before came from where there is a choice.
   */
  *find(list: ChunkList): Generator<FoundRange> {
    const prints = printsOf(list, { first: 0, count: list.count });
    const range = new GrowingRange();
    let position = 0;
    for (let i = 0; i < list.count; i++) {
      const length = list.length(i);
      const print = prints[2 * i] as number;
      const entry = this.#look(print, prints[2 * i + 1] as number, length, range, position);
      if (entry >= 0) {
        const file = this.#file[entry] as number;
        const offset = this.#offset[entry] as number;
        const done = range.take({ position, length, file, offset }, this.#level > 0);
        if (done !== undefined) yield done;
      } else if (this.#level === 0) {
        const done = range.end();
        if (done !== undefined) yield done;
      }
      position += length;
    }
    const done = range.end();
    if (done !== undefined) yield done;
  }

  #isKept(otherPrint: number): boolean {
    return (otherPrint & (2 ** this.#level - 1)) === 0;
  }

  #add(print: number, otherPrint: number, file: number, offset: number, length: number): void {
    if (!this.#isKept(otherPrint)) return;
    const mask = this.#slots.length - 1;
    let twins = 0;
    let slot = print & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1;
      const isTwin = this.#print[entry] === print && this.#otherPrint[entry] === otherPrint;
      if (isTwin && ++twins === twinsMax) return;
    }
    if (this.#count === this.#print.length) this.#grow();
    const entry = this.#count++;
    this.#print[entry] = print;
    this.#otherPrint[entry] = otherPrint;
    this.#file[entry] = file;
    this.#offset[entry] = offset;
    this.#length[entry] = length;
    if (this.#count > this.#chunksMax) this.#thin();
    else if (2 * this.#count > this.#slots.length) this.#rebuild(2 * this.#slots.length);
    else this.#slots[slot] = entry + 1;
  }

  /** Returns an entry with that print and length: the one that continues the range, else the first; -1 = none. */
  #look(
    print: number,
    otherPrint: number,
    length: number,
    range: GrowingRange,
    position: number,
  ): number {
    if (!this.#isKept(otherPrint)) return -1;
    const mask = this.#slots.length - 1;
    let first = -1;
    for (let slot = print & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1;
      if (this.#print[entry] !== print || this.#otherPrint[entry] !== otherPrint) continue;
      if (this.#length[entry] !== length) continue;
      if (range.continues(this.#file[entry] as number, this.#offset[entry] as number, position)) {
        return entry;
      }
      if (first < 0) first = entry;
    }
    return first;
  }

  /** Keeps fewer, until there is room for more. */
  #thin(): void {
    while (this.#count > this.#chunksMax && this.#level < levelMax) {
      this.#level++;
      let kept = 0;
      for (let entry = 0; entry < this.#count; entry++) {
        if (!this.#isKept(this.#otherPrint[entry] as number)) continue;
        this.#print[kept] = this.#print[entry] as number;
        this.#otherPrint[kept] = this.#otherPrint[entry] as number;
        this.#file[kept] = this.#file[entry] as number;
        this.#offset[kept] = this.#offset[entry] as number;
        this.#length[kept] = this.#length[entry] as number;
        kept++;
      }
      this.#count = kept;
    }
    this.#count = Math.min(this.#count, this.#chunksMax);
    this.#rebuild(this.#slots.length);
  }

  #rebuild(slots: number): void {
    this.#slots = new Uint32Array(slots);
    for (let entry = 0; entry < this.#count; entry++) {
      let slot = (this.#print[entry] as number) & (slots - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
      this.#slots[slot] = entry + 1;
    }
  }

  #grow(): void {
    const size = Math.min(2 * this.#print.length, this.#chunksMax + 1);
    this.#print = grown(this.#print, new Uint32Array(size));
    this.#otherPrint = grown(this.#otherPrint, new Uint32Array(size));
    this.#file = grown(this.#file, new Uint32Array(size));
    this.#length = grown(this.#length, new Uint32Array(size));
    this.#offset = grown(this.#offset, new Float64Array(size));
  }
}

function grown<T extends Uint32Array | Float64Array>(old: T, into: T): T {
  into.set(old);
  return into;
}

/** The digests as words, two each, which are the print. Both ends of a connection may have another byte order. */
function printsOf({ digests }: ChunkList, { first, count }: ChunkRange): Uint32Array {
  assert(chunkDigestBytes === 8, "A digest has two words.");
  const view = new DataView(digests.buffer, digests.byteOffset + first * chunkDigestBytes);
  const prints = new Uint32Array(2 * count);
  for (let word = 0; word < prints.length; word++) prints[word] = view.getUint32(4 * word, true);
  return prints;
}

/** One chunk that was found. */
interface FoundChunk {
  readonly position: number;
  readonly length: number;
  readonly file: number;
  readonly offset: number;
}

/** A range that grows chunk by chunk. */
class GrowingRange {
  #range: FoundRange | undefined;

  /** Says whether a chunk lies in its file where the range would be if it went on to `position`. */
  continues(file: number, offset: number, position: number): boolean {
    const range = this.#range;
    return range?.file === file && offset - range.offset === position - range.position;
  }

  /** Adds a chunk; returns the range before, if it begins another. `bridges`: what lies between is taken in. */
  take(chunk: FoundChunk, bridges: boolean): FoundRange | undefined {
    const range = this.#range;
    const { position, length, file, offset } = chunk;
    const isNext = range !== undefined && position === range.position + range.length;
    if (range !== undefined && (isNext || bridges) && this.continues(file, offset, position)) {
      const whole = position + length - range.position;
      this.#range = { ...range, length: whole, provenBytes: range.provenBytes + length };
      return undefined;
    }
    this.#range = { ...chunk, provenBytes: length };
    return range;
  }

  /** Ends it; returns what there is. */
  end(): FoundRange | undefined {
    const range = this.#range;
    this.#range = undefined;
    return range;
  }
}
