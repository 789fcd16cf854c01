// BLAKE3 in plain TypeScript, for machines without the native package.
//
// A BLAKE3 digest that a changeset carries must be checkable everywhere, so this exists although
// it runs at a hundredth of the native speed. Plain hashing only: no keys, 32 bytes out.
// Source: the BLAKE3 paper, sections 2.1 to 2.5 (tree of 1024-byte chunks of 64-byte blocks).

const BLOCK_LENGTH = 64;
const CHUNK_LENGTH = 1024;
const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;

// SHA-256's initial values (section 2.2, table 1).
const initial = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

// Which message words each of the seven rounds takes, in order: the permutation applied repeatedly.
const schedule = new Uint8Array(7 * 16);
for (let word = 0; word < 16; word++) schedule[word] = word;
for (let at = 16; at < schedule.length; at++) {
  schedule[at] = schedule[at - 16 - (at % 16) + (permutation[at % 16] as number)] as number;
}

// Steps 0 to 3 mix the columns of the 4 by 4 state, steps 4 to 7 its diagonals.
function mix(v: Int32Array, step: number, x: number, y: number): void {
  const turn = step >> 2;
  const a = step & 3;
  const b = 4 + ((a + turn) & 3);
  const c = 8 + ((a + 2 * turn) & 3);
  const d = 12 + ((a + 3 * turn) & 3);
  let va = v[a] as number;
  let vb = v[b] as number;
  let vc = v[c] as number;
  let vd = v[d] as number;
  va = (va + vb + x) | 0;
  vd ^= va;
  vd = (vd >>> 16) | (vd << 16);
  vc = (vc + vd) | 0;
  vb ^= vc;
  vb = (vb >>> 12) | (vb << 20);
  va = (va + vb + y) | 0;
  vd ^= va;
  vd = (vd >>> 8) | (vd << 24);
  vc = (vc + vd) | 0;
  vb ^= vc;
  vb = (vb >>> 7) | (vb << 25);
  v[a] = va;
  v[b] = vb;
  v[c] = vc;
  v[d] = vd;
}

/** Hashes strings of bytes of any length, added piece by piece. */
export class PortableBlake3 {
  #v = new Int32Array(16);
  #message = new Int32Array(16);
  /** The chaining value of the chunk being read. */
  #chunk = Int32Array.from(initial);
  #chunkIndex = 0;
  #blocksInChunk = 0;
  #block = new Uint8Array(BLOCK_LENGTH);
  #blockFilled = 0;
  /** Chaining values of complete subtrees, largest first: one for each 1 bit of #chunkIndex. */
  #stack: Int32Array[] = [];

  /** Adds bytes[start, end). */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let at = start;
    while (at < end) {
      // The last block must stay open until more is known to follow: it may carry the end flags.
      if (this.#blockFilled === BLOCK_LENGTH) this.#closeBlock();
      const take = Math.min(BLOCK_LENGTH - this.#blockFilled, end - at);
      for (let index = 0; index < take; index++) {
        this.#block[this.#blockFilled + index] = bytes[at + index] as number;
      }
      this.#blockFilled += take;
      at += take;
    }
  }

  /** Returns the 32-byte digest; the object is then used up. */
  digest(): Uint8Array {
    let flags = CHUNK_END | (this.#blocksInChunk === 0 ? CHUNK_START : 0);
    let value = this.#chunk;
    let counter = this.#chunkIndex;
    let length = this.#blockFilled;
    this.#loadBlock();
    while (this.#stack.length > 0) {
      this.#compress(value, counter, length, flags, value);
      this.#message.set(this.#stack.pop() as Int32Array, 0);
      this.#message.set(value, 8);
      value = Int32Array.from(initial);
      counter = 0;
      length = BLOCK_LENGTH;
      flags = PARENT;
    }
    this.#compress(value, counter, length, flags | ROOT, value);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (let word = 0; word < 8; word++) view.setInt32(4 * word, value[word] as number, true);
    return out;
  }

  #closeBlock(): void {
    const start = this.#blocksInChunk === 0 ? CHUNK_START : 0;
    const isLast = this.#blocksInChunk === CHUNK_LENGTH / BLOCK_LENGTH - 1;
    this.#loadBlock();
    const flags = start | (isLast ? CHUNK_END : 0);
    this.#compress(this.#chunk, this.#chunkIndex, BLOCK_LENGTH, flags, this.#chunk);
    this.#blockFilled = 0;
    this.#blocksInChunk++;
    if (isLast) this.#closeChunk();
  }

  /** Merges the finished chunk with every complete left neighbour (section 2.4). */
  #closeChunk(): void {
    let value = this.#chunk;
    let count = ++this.#chunkIndex;
    for (; count % 2 === 0; count /= 2) {
      this.#message.set(this.#stack.pop() as Int32Array, 0);
      this.#message.set(value, 8);
      value = Int32Array.from(initial);
      this.#compress(value, 0, BLOCK_LENGTH, PARENT, value);
    }
    this.#stack.push(value);
    this.#chunk = Int32Array.from(initial);
    this.#blocksInChunk = 0;
  }

  #loadBlock(): void {
    const block = this.#block.fill(0, this.#blockFilled);
    for (let word = 0; word < 16; word++) {
      const at = 4 * word;
      this.#message[word] =
        (block[at] as number) |
        ((block[at + 1] as number) << 8) |
        ((block[at + 2] as number) << 16) |
        ((block[at + 3] as number) << 24);
    }
  }

  /** The compression function (section 2.2); `out` gets the first eight words. */
  #compress(
    value: Int32Array,
    counter: number,
    length: number,
    flags: number,
    out: Int32Array,
  ): void {
    const v = this.#v;
    const m = this.#message;
    v.set(value, 0);
    v.set(initial.subarray(0, 4), 8);
    v[12] = counter | 0;
    v[13] = Math.floor(counter / 0x100000000);
    v[14] = length;
    v[15] = flags;
    for (let round = 0; round < schedule.length; round += 16) {
      for (let step = 0; step < 8; step++) {
        const at = round + 2 * step;
        const x = m[schedule[at] as number] as number;
        const y = m[schedule[at + 1] as number] as number;
        mix(v, step, x, y);
      }
    }
    for (let index = 0; index < 8; index++) {
      out[index] = (v[index] as number) ^ (v[index + 8] as number);
    }
  }
}
