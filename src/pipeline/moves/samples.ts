// Bounded samples of files by key: for every key that is registered, up to so many files that were found for it.
// Which ones, when there are more, depends on the files alone and not on the order in which they come: those
// with the lowest numbers. So a key that a hundred thousand files share costs what a few cost.

import { regrow } from "../../tree/index.ts";

const none = 0xffff_ffff;

/** Files by key. */
export class Samples {
  #max: number;
  #keys = new Uint32Array(1024);
  /** 1 + the first entry of the list, 0 = nothing yet; only for slots in use. */
  #head = new Uint32Array(1024);
  #isUsed = new Uint8Array(1024);
  #size = new Uint8Array(1024);
  #count = 0;
  /** Entries: which file, its number, and the next one of the list. */
  #file: Uint32Array = new Uint32Array(256);
  #rank: Uint32Array = new Uint32Array(256);
  #next: Uint32Array = new Uint32Array(256);
  #entries = 0;

  /** `max`: files of one key, at most 255. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Keys that are registered. */
  get keys(): number {
    return this.#count;
  }

  /** Registers a key: files are kept for it. */
  register(key: number): void {
    const slot = this.#slot(key);
    if (this.#isUsed[slot] === 1) return;
    this.#isUsed[slot] = 1;
    this.#keys[slot] = key;
    this.#count++;
    if (this.#count * 2 > this.#keys.length) this.#grow();
  }

  /** Keeps no more than `max` files of a key, where fewer were to be kept already. To be called before the first is. */
  limit(max: number): void {
    this.#max = Math.min(this.#max, max);
  }

  /** Says whether there are, or may be, more files of a key than are kept. */
  isFull(key: number): boolean {
    return (this.#size[this.#slot(key)] as number) >= this.#max;
  }

  /** Says whether a key is registered. */
  has(key: number): boolean {
    return this.#isUsed[this.#slot(key)] === 1;
  }

  /** Says whether a file with this number would be kept for a key. */
  takes(key: number, rank: number): boolean {
    const slot = this.#slot(key);
    if (this.#isUsed[slot] === 0) return false;
    return (this.#size[slot] as number) < this.#max || this.#worst(slot, rank) !== none;
  }

  /** Keeps file `file` for a key, if takes() says so. */
  put(key: number, rank: number, file: number): void {
    const slot = this.#slot(key);
    if (this.#isUsed[slot] === 0) return;
    if ((this.#size[slot] as number) < this.#max) {
      const entry = this.#addEntry(file, rank, this.#head[slot] as number);
      this.#head[slot] = entry + 1;
      this.#size[slot] = (this.#size[slot] as number) + 1;
      return;
    }
    const entry = this.#worst(slot, rank);
    if (entry === none) return;
    this.#file[entry] = file;
    this.#rank[entry] = rank;
  }

  /** Visits the files of a key. */
  each(key: number, visit: (file: number) => void): void {
    const slot = this.#slot(key);
    let entry = this.#head[slot] as number;
    for (; entry !== 0; entry = this.#next[entry - 1] as number) {
      visit(this.#file[entry - 1] as number);
    }
  }

  /** Returns the entry with the highest number, if that is above `rank`. */
  #worst(slot: number, rank: number): number {
    let worst = none;
    let highest = rank;
    let entry = this.#head[slot] as number;
    for (; entry !== 0; entry = this.#next[entry - 1] as number) {
      const own = this.#rank[entry - 1] as number;
      if (own <= highest) continue;
      highest = own;
      worst = entry - 1;
    }
    return worst;
  }

  #addEntry(file: number, rank: number, next: number): number {
    const entry = this.#entries++;
    if (entry === this.#file.length) {
      this.#file = regrow(this.#file, Uint32Array, entry * 2);
      this.#rank = regrow(this.#rank, Uint32Array, entry * 2);
      this.#next = regrow(this.#next, Uint32Array, entry * 2);
    }
    this.#file[entry] = file;
    this.#rank[entry] = rank;
    this.#next[entry] = next;
    return entry;
  }

  /** The slot that has the key, or would get it. */
  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = key & mask;
    while (this.#isUsed[slot] === 1 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, head, isUsed, size] = [this.#keys, this.#head, this.#isUsed, this.#size];
    const length = keys.length * 2;
    this.#keys = new Uint32Array(length);
    this.#head = new Uint32Array(length);
    this.#isUsed = new Uint8Array(length);
    this.#size = new Uint8Array(length);
    for (let old = 0; old < keys.length; old++) {
      if (isUsed[old] === 0) continue;
      const slot = this.#slot(keys[old] as number);
      this.#isUsed[slot] = 1;
      this.#keys[slot] = keys[old] as number;
      this.#head[slot] = head[old] as number;
      this.#size[slot] = size[old] as number;
    }
  }
}
