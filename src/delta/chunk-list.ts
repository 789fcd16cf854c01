// The chunks of a file, or of several one behind the other: where content itself cuts it, and the digest of each piece.

import { assert } from "../base/index.ts";
import { type BlockHash, blockHash, type GearKernel, openGearKernel } from "../hash/index.ts";

import { type ChunkSizes, usualChunkSizes } from "./chunk-sizes.ts";
import { type ReadAt, readFully } from "./stream.ts";

/**
 * Bytes of a digest that are kept and told. Among two million chunks of either side two different ones have the same one once in
 * four million runs, and then the digest of the whole file says so.
 */
export const chunkDigestBytes = 8;
/** Bytes that are read at once, beside a chunk that is under way. */
const readBytes = 1024 * 1024;

/** The columns of a list, as they cross threads. */
export interface FrozenChunks {
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly digests: Uint8Array<ArrayBuffer>;
}

/** Chunks in their order, in columns. */
export class ChunkList {
  #lengths = new Uint32Array(64);
  #digests = new Uint8Array(64 * chunkDigestBytes);
  count = 0;
  /** Bytes that all of them have. */
  bytes = 0;

  /** Where the digests are: chunk i's at i * chunkDigestBytes. */
  get digests(): Uint8Array {
    return this.#digests;
  }

  /** Returns the columns, in memory of their own. */
  freeze(): FrozenChunks {
    const lengths = this.#lengths.slice(0, this.count);
    return { lengths, digests: this.#digests.slice(0, this.count * chunkDigestBytes) };
  }

  /** Returns a list with these columns; it must not grow. */
  static thaw({ lengths, digests }: FrozenChunks): ChunkList {
    const list = new ChunkList();
    list.#lengths = lengths;
    list.#digests = digests;
    list.count = lengths.length;
    for (const length of lengths) list.bytes += length;
    return list;
  }

  /** The length of chunk `i`. */
  length(i: number): number {
    return this.#lengths[i] as number;
  }

  /** Adds the chunk bytes[start, end). */
  add(hash: BlockHash, bytes: Uint8Array, start: number, end: number): void {
    const i = this.#grown();
    this.#lengths[i] = end - start;
    hash(this.#digests, i * chunkDigestBytes, chunkDigestBytes, bytes, start, end);
    this.bytes += end - start;
  }

  /** Adds a chunk of which the digest is known. */
  addKnown(length: number, digest: Uint8Array): void {
    assert(digest.length === chunkDigestBytes, "A chunk's digest has so many bytes.");
    const i = this.#grown();
    this.#lengths[i] = length;
    this.#digests.set(digest, i * chunkDigestBytes);
    this.bytes += length;
  }

  #grown(): number {
    const i = this.count++;
    if (i < this.#lengths.length) return i;
    const lengths = new Uint32Array(2 * i);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
    const digests = new Uint8Array(2 * i * chunkDigestBytes);
    digests.set(this.#digests);
    this.#digests = digests;
    return i;
  }
}

/** Cuts files; keeps its memory from one to the next. One file at a time. */
export class Chunker {
  readonly #sizes: ChunkSizes;
  readonly #kernel: GearKernel;
  readonly #hash: BlockHash = blockHash("blake3");

  /** With `portable`, in JavaScript. */
  constructor(sizes = usualChunkSizes, portable = false) {
    this.#sizes = sizes;
    this.#kernel = openGearKernel(readBytes + sizes.max, portable);
  }

  /**
   * Returns the chunks of what `read` reads, `length` bytes from `begin` on, behind those that `list` has; if it ends earlier,
   * of what there is.
   */
  cut(read: ReadAt, length: number, list = new ChunkList(), begin = 0): ChunkList {
    const { bytes, start } = this.#kernel;
    let [from, end] = [start, start];
    for (let position = 0; ; ) {
      // What is left of the last piece, less than the longest chunk, comes first.
      bytes.copyWithin(start, from, end);
      [from, end] = [start, start + end - from];
      const wanted = Math.min(readBytes, length - position);
      const count = readFully(read, bytes, end, wanted, begin + position);
      position += count;
      end += count;
      const isLast = count < wanted || position >= length;
      while (end - from >= (isLast ? 1 : this.#sizes.max)) {
        const next = this.#boundary(from, end);
        list.add(this.#hash, bytes, from, next);
        from = next;
      }
      if (isLast) return list;
    }
  }

  /** Returns the end of the chunk at `from`; memory holds the whole of it, or ends with the file. */
  #boundary(from: number, end: number): number {
    const { min, normal, max, strictMask, looseMask } = this.#sizes;
    const kernel = this.#kernel;
    if (end - from <= min) return end;
    const limit = Math.min(from + max, end);
    const turn = Math.min(from + normal, limit);
    const strict = kernel.find(from + min, turn, 0, strictMask);
    if (strict !== 0) return strict;
    const loose = kernel.find(turn, limit, kernel.lastHash(), looseMask);
    return loose !== 0 ? loose : limit;
  }
}
