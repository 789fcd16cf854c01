// A set of block numbers as bits: 12.5 MB for 140 GB of blocks of 1408 bytes. Grows with what is put in.

/** Bits of a word. */
const wordBits = 32;
const allBits = 0xffffffff;

/** Such a set. */
export class BlockSet {
  #words = new Uint32Array(64);
  #count = 0;

  /** How many blocks are in it. */
  get count(): number {
    return this.#count;
  }

  has(block: number): boolean {
    const word = this.#words[Math.floor(block / wordBits)] ?? 0;
    return ((word >>> (block % wordBits)) & 1) === 1;
  }

  /** Puts a block in; false = it was in. */
  add(block: number): boolean {
    const index = Math.floor(block / wordBits);
    if (index >= this.#words.length) this.#grow(index);
    const word = this.#words[index] as number;
    const bit = 1 << (block % wordBits);
    if ((word & bit) !== 0) return false;
    this.#words[index] = word | bit;
    this.#count++;
    return true;
  }

  /** Takes a block out; false = it was not in. */
  remove(block: number): boolean {
    if (!this.has(block)) return false;
    const index = Math.floor(block / wordBits);
    this.#words[index] = (this.#words[index] as number) & ~(1 << (block % wordBits));
    this.#count--;
    return true;
  }

  /** Returns the first block from `from` up to `end` that is in it, or is not; `end` if there is none. */
  next(from: number, end: number, isIn: boolean): number {
    const skipped = isIn ? 0 : allBits;
    for (let block = from; block < end; ) {
      const index = Math.floor(block / wordBits);
      // Behind the last word nothing is in.
      if (index >= this.#words.length) return isIn ? end : block;
      if (block % wordBits === 0 && this.#words[index] === skipped) block += wordBits;
      else if (this.has(block) === isIn) return block;
      else block++;
    }
    return end;
  }

  #grow(index: number): void {
    const words = new Uint32Array(Math.max(index + 1, this.#words.length * 2));
    words.set(this.#words);
    this.#words = words;
  }
}
