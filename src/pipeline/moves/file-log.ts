// Packed files as a log of chunks in shared memory: whoever lists directories writes, in whichever thread, and
// Candidates read, without a message for what is written to a chunk that they know. A chunk begins with two words:
//
//   i32 bytes used, of these two words too; i32 1 = the writer is done with it
//
// Bytes that are counted as used do not change any more.

/** What a chunk has room for; a power of two, so that one number names a place in any of them. */
export const chunkBytes = 1024 * 1024;
/** Bytes before the first block. */
export const chunkHeadBytes = 8;

const word = { used: 0, isDone: 1 } as const;

/** The writer's side. */
export class FileLog {
  readonly #opened: (chunk: SharedArrayBuffer) => void;
  #words: Int32Array | undefined;
  #used = 0;
  /** The chunk that is written to, as numbers of each width: made once, as a view takes longer than a block's numbers. */
  bytes: Uint8Array = new Uint8Array(0);
  words: Uint32Array = new Uint32Array(0);
  doubles: Float64Array = new Float64Array(0);

  /** `opened` is given every chunk before anything is written to it. */
  constructor(opened: (chunk: SharedArrayBuffer) => void) {
    this.#opened = opened;
  }

  /** Returns where in `bytes` so many bytes can be written, which written() ends. */
  reserve(bytes: number): number {
    if (this.#words === undefined || this.#used + bytes > chunkBytes) {
      if (this.#words !== undefined) Atomics.store(this.#words, word.isDone, 1);
      // Pages that nothing is written to take no memory.
      const chunk = new SharedArrayBuffer(chunkBytes);
      this.bytes = new Uint8Array(chunk);
      this.words = new Uint32Array(chunk);
      this.doubles = new Float64Array(chunk);
      this.#words = new Int32Array(chunk, 0, 2);
      this.#used = chunkHeadBytes;
      this.#opened(chunk);
    }
    return this.#used;
  }

  /** So many bytes were written to the place that was reserved. */
  written(bytes: number): void {
    this.#used += bytes;
    if (this.#words !== undefined) Atomics.store(this.#words, word.used, this.#used);
  }
}

/** The reader's side of one chunk. */
export class LoggedChunk {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(chunk: SharedArrayBuffer) {
    this.#words = new Int32Array(chunk, 0, 2);
    this.#bytes = new Uint8Array(chunk);
  }

  /** Nothing more will be written to it. */
  get isDone(): boolean {
    return Atomics.load(this.#words, word.isDone) !== 0;
  }

  /** What was written to it by now, its head included. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, Math.max(chunkHeadBytes, Atomics.load(this.#words, word.used)));
  }
}
