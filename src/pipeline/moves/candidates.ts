// The files of a tree whose content may be wanted elsewhere, as a log of packed blocks: at most 64 bytes a file with
// names of usual length. What is above a limit of memory goes to a store of the caller's, and is read again in
// order, which is all that matching needs.

import type { ByteString } from "../../base/index.ts";
import type { ByteStore } from "../../changeset/index.ts";
import { chunkBytes, chunkHeadBytes, FileLog, LoggedChunk } from "./file-log.ts";
import { BlockCursor, type FileColumns, FilePacker } from "./packed-files.ts";

/** Where chunks are that are not in memory any more. */
interface Spilled {
  readonly position: number;
  readonly length: number;
}

/** Collects files, and gives their blocks again. */
export class Candidates {
  readonly #memoryBytesMax: number;
  readonly #openStore: () => ByteStore;
  readonly #packer = new FilePacker(new FileLog((chunk) => this.addChunk(chunk)));
  readonly #cursor = new BlockCursor();
  readonly #chunks: (LoggedChunk | Spilled)[] = [];
  /** Those that somebody still writes to. */
  #growing: number[] = [];
  #store: ByteStore | undefined;
  /** Bytes of chunks that stay in memory, and of those that do not. */
  #kept = 0;
  #spilled = 0;
  #read = new Uint8Array(0);
  #readChunk = -1;

  /** Above `memoryBytesMax` the store is opened and used; it is the caller's to close. */
  constructor(memoryBytesMax: number, openStore: () => ByteStore) {
    this.#memoryBytesMax = memoryBytesMax;
    this.#openStore = openStore;
  }

  /** Bytes that they take, in memory and in the store. */
  get bytes(): number {
    return this.#growing.reduce(
      (sum, n) => sum + this.#chunk(n).length,
      this.#kept + this.#spilled,
    );
  }

  /** Adds the regular files of one directory; parameters as for FilePacker.add(), whose answer is returned. */
  addDirectory(
    tag: number,
    path: ByteString,
    files: FileColumns,
    takes?: (index: number) => boolean,
  ): number {
    return this.#packer.add(tag, path, files, takes);
  }

  /** Adds a chunk that a FileLog has opened, here or in another thread, with all that will be written to it. */
  addChunk(chunk: SharedArrayBuffer): void {
    this.#growing = this.#growing.filter((n) => !this.#settle(n));
    this.#growing.push(this.#chunks.length);
    this.#chunks.push(new LoggedChunk(chunk));
  }

  /** Visits all blocks, chunk by chunk. The cursor is valid during the call; `place` names the block. */
  visit(visitor: (cursor: BlockCursor, place: number) => void): void {
    const cursor = new BlockCursor();
    for (let n = 0; n < this.#chunks.length; n++) {
      cursor.open(this.#chunk(n), chunkHeadBytes);
      while (cursor.next()) visitor(cursor, n * chunkBytes + cursor.start);
    }
  }

  /** Opens the block at a place that visit() gave; valid until the next call. */
  open(place: number): BlockCursor {
    const number = Math.floor(place / chunkBytes);
    const cursor = this.#cursor;
    cursor.open(this.#chunk(number), chunkHeadBytes);
    cursor.seek(place - number * chunkBytes);
    return cursor;
  }

  /** Decides where a chunk stays, if nobody writes to it any more; true = nobody does. */
  #settle(number: number): boolean {
    const chunk = this.#chunks[number];
    if (!(chunk instanceof LoggedChunk) || !chunk.isDone) return false;
    const { bytes } = chunk;
    if (this.#kept + bytes.length <= this.#memoryBytesMax) this.#kept += bytes.length;
    else {
      this.#store ??= this.#openStore();
      const position = this.#store.append(bytes);
      this.#chunks[number] = { position, length: bytes.length };
      this.#spilled += bytes.length;
    }
    return true;
  }

  /** Returns the bytes of a chunk; those of one in the store are valid until another one is asked for. */
  #chunk(number: number): Uint8Array {
    const chunk = this.#chunks[number] as LoggedChunk | Spilled;
    if (chunk instanceof LoggedChunk) return chunk.bytes;
    if (this.#readChunk !== number) {
      if (this.#read.length === 0) this.#read = new Uint8Array(chunkBytes);
      const { position, length } = chunk;
      this.#read.set((this.#store as ByteStore).read(position, length));
      this.#readChunk = number;
    }
    return this.#read.subarray(0, chunk.length);
  }
}
