// The files of a tree whose content may be wanted elsewhere, as a log of packed blocks: at most 64 bytes a file with
// names of usual length. What is above a limit of memory goes to a store of the caller's, and is read again in
// order, which is all that matching needs.

import type { ByteString } from "../../base/index.ts";
import type { ByteStore } from "../../changeset/index.ts";
import { BlockCursor, type FileColumns, FilePacker } from "./packed-files.ts";

/** Blocks are gathered into chunks of this size, above that of any block; a power of two, so that one number names a place. */
const chunkBytes = 1024 * 1024;

/** Where chunks are that are not in memory any more. */
interface Spilled {
  readonly position: number;
  readonly length: number;
}

/** Collects files, and gives their blocks again. */
export class Candidates {
  /** Files in all. */
  count = 0;
  /** Bytes that they take, in memory and in the store. */
  bytes = 0;
  readonly #memoryBytesMax: number;
  readonly #openStore: () => ByteStore;
  readonly #packer = new FilePacker();
  readonly #cursor = new BlockCursor();
  readonly #chunks: (Uint8Array | Spilled)[] = [];
  #store: ByteStore | undefined;
  #inMemory = 0;
  /** The chunk that grows. */
  #growing = new Uint8Array(0);
  #used = 0;
  #read = new Uint8Array(0);
  #readChunk = -1;

  /** Above `memoryBytesMax` the store is opened and used; it is the caller's to close. */
  constructor(memoryBytesMax: number, openStore: () => ByteStore) {
    this.#memoryBytesMax = memoryBytesMax;
    this.#openStore = openStore;
  }

  /** Adds the regular files of one directory; parameters as for FilePacker.add(). */
  addDirectory(
    tag: number,
    path: ByteString,
    files: FileColumns,
    takes?: (index: number) => boolean,
  ): void {
    this.#packer.add(tag, path, files, takes);
    const packed = this.#packer.take();
    if (packed !== undefined) this.add(packed);
  }

  /** Adds what a FilePacker has packed, here or in another thread. */
  add(packed: Uint8Array): void {
    const cursor = this.#cursor;
    cursor.open(packed);
    while (cursor.next()) {
      const { start, length, count } = cursor;
      if (this.#used + length > chunkBytes) this.#endChunk();
      if (this.#used + length > this.#growing.length) this.#grow(length);
      this.#growing.set(packed.subarray(start, start + length), this.#used);
      this.#used += length;
      this.bytes += length;
      this.count += count;
    }
  }

  /** Visits all blocks in the order in which they came. The cursor is valid during the call; `place` names the block. */
  visit(visitor: (cursor: BlockCursor, place: number) => void): void {
    const cursor = new BlockCursor();
    for (let n = 0; n <= this.#chunks.length; n++) {
      cursor.open(this.#chunk(n));
      while (cursor.next()) visitor(cursor, n * chunkBytes + cursor.start);
    }
  }

  /** Opens the block at a place that visit() gave; valid until the next call. */
  open(place: number): BlockCursor {
    const number = Math.floor(place / chunkBytes);
    const cursor = this.#cursor;
    cursor.open(this.#chunk(number));
    cursor.seek(place - number * chunkBytes);
    return cursor;
  }

  #grow(more: number): void {
    const wanted = Math.max(this.#used + more, this.#growing.length * 2, 16 * 1024);
    const grown = new Uint8Array(Math.min(chunkBytes, wanted));
    grown.set(this.#growing.subarray(0, this.#used));
    this.#growing = grown;
  }

  #endChunk(): void {
    const chunk = this.#growing.subarray(0, this.#used);
    if (this.#inMemory + chunk.length <= this.#memoryBytesMax) {
      // The rest of it is never touched, and so takes no memory.
      this.#chunks.push(chunk);
      this.#inMemory += chunk.length;
      this.#growing = new Uint8Array(chunkBytes);
    } else {
      this.#store ??= this.#openStore();
      this.#chunks.push({ position: this.#store.append(chunk), length: chunk.length });
    }
    this.#used = 0;
  }

  /** Returns the bytes of a chunk; those of one in the store are valid until another one is asked for. */
  #chunk(number: number): Uint8Array {
    const chunk = this.#chunks[number];
    if (chunk === undefined) return this.#growing.subarray(0, this.#used);
    if (chunk instanceof Uint8Array) return chunk;
    if (this.#readChunk !== number) {
      if (this.#read.length === 0) this.#read = new Uint8Array(chunkBytes);
      const { position, length } = chunk;
      this.#read.set((this.#store as ByteStore).read(position, length));
      this.#readChunk = number;
    }
    return this.#read.subarray(0, chunk.length);
  }
}
