// The stream as the master has it: the latest part of it, for repairs and pulls, in a file without a name that
// does not grow with the tree; and sums by which what is recorded again is known to be the same.

import { systemRandom } from "../../base/index.ts";
import { openScratchFile, type ScratchFile } from "../../fs/index.ts";
import { StreamSums } from "./stream-sums.ts";

/** Bytes that are kept; what was before is recorded again for whoever still lacks it. */
const keptBytesUsual = 1024 ** 3;

/** Blocks that are read at once. */
const aheadBlocks = 128;

/** Such a file. */
export class StreamFile {
  readonly blockBytes: number;
  readonly sums = new StreamSums();
  readonly #file: ScratchFile = openScratchFile(systemRandom.uint32());
  readonly #keptBytes: number;
  /** What was read ahead: blocks go out one after the other. */
  readonly #ahead: Uint8Array;
  #aheadAt = 0;
  #aheadEnd = 0;
  #newest = 0;
  #length = 0;
  #isWhole = false;

  /** `keptBytes`: rounded up to whole blocks. */
  constructor(blockBytes: number, keptBytes = keptBytesUsual) {
    this.blockBytes = blockBytes;
    this.#ahead = new Uint8Array(blockBytes * aheadBlocks);
    this.#keptBytes = Math.ceil(keptBytes / blockBytes) * blockBytes;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Blocks that are there to be sent. */
  get blocks(): number {
    const blocks = this.#length / this.blockBytes;
    return this.#isWhole ? Math.ceil(blocks) : Math.floor(blocks);
  }

  append(bytes: Uint8Array): void {
    this.sums.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      const at = this.#length % this.#keptBytes;
      const end = Math.min(bytes.length, done + this.#keptBytes - at);
      this.#file.write(bytes.subarray(done, end), at);
      this.#length += end - done;
      done = end;
    }
  }

  /** Nothing more comes: the last block is filled up. */
  finish(): void {
    this.#isWhole = true;
    this.sums.finish();
    const missing = this.blocks * this.blockBytes - this.#length;
    if (missing > 0) this.#file.write(new Uint8Array(missing), this.#length % this.#keptBytes);
  }

  /** Says whether blocks from this one on are kept. */
  has(block: number): boolean {
    return block * this.blockBytes >= this.#length - this.#keptBytes;
  }

  /** Fills `into` with blocks from this one on, which are kept. */
  read(block: number, into: Uint8Array): void {
    const end = block + into.length / this.blockBytes;
    const blocks = Math.min(aheadBlocks, this.blocks - block);
    // What comes in order is read together; what is sent again, by itself.
    if (block >= this.#newest && end > this.#aheadEnd && end <= block + blocks) {
      this.#read(block, this.#ahead.subarray(0, blocks * this.blockBytes));
      this.#aheadAt = block;
      this.#aheadEnd = block + blocks;
    }
    this.#newest = Math.max(this.#newest, end);
    if (block < this.#aheadAt || end > this.#aheadEnd) {
      this.#read(block, into);
      return;
    }
    const at = (block - this.#aheadAt) * this.blockBytes;
    into.set(this.#ahead.subarray(at, at + into.length));
  }

  #read(block: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const at = (block * this.blockBytes + done) % this.#keptBytes;
      const end = Math.min(into.length, done + this.#keptBytes - at);
      this.#file.read(into.subarray(done, end), at);
      done = end;
    }
  }

  close(): void {
    this.#file.close();
  }
}
