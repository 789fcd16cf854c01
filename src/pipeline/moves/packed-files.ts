// Files of directories as bytes: what a search for moved content has to know of a file (name, size, time), in
// the form in which it crosses threads, is kept and is spilled. A block is some files of one directory:
//
//   u32 bytes of the block, u32 files, u32 tag, u32 bytes of the path, u32 files in earlier blocks of it, u32 0
//   f64 size, f64 mtime: one of each for every file; then u32 nanoseconds, then u8 lengths of names
//   the path, the names, zeros up to a multiple of eight
//
// Numbers are in the machine's own order: blocks never leave it.

import { assert, type ByteString } from "../../base/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";

/** Bytes before the columns of a block. */
export const blockHeadBytes = 24;
/** Files of one block: with names and a path of any length it stays below 640 KiB, and so fits into any chunk. */
const blockFilesMax = 2048;
const fileBytes = 8 + 8 + 4 + 1;
const pathBytesMax = 65_536;
const nameBytesMax = 255;

/** The columns that are read of a listing. */
export type FileColumns = Pick<
  Directory,
  "count" | "mode" | "size" | "mtime" | "mtimeNanos" | "names" | "nameStart" | "nameLength"
>;

/** What all files of a block have in common. */
interface BlockOf {
  readonly tag: number;
  readonly path: ByteString;
  readonly first: number;
}

/** Packs the regular files of listings, directory after directory, into one array that can be transferred. */
export class FilePacker {
  #buffer = new ArrayBuffer(0);
  #used = 0;
  #rows = new Uint32Array(blockFilesMax);

  /** Bytes packed so far. */
  get length(): number {
    return this.#used;
  }

  /**
   * Adds the regular files of a listing that are not empty, or of them those that `takes` accepts. `tag`: a number of
   * the caller's that comes back with each candidate, e.g. which tree they are of.
   */
  add(tag: number, path: ByteString, files: FileColumns, takes?: (index: number) => boolean): void {
    assert(path.length < pathBytesMax, "A path has a length that the doors let pass.");
    const rows = this.#rows;
    const { size, mode } = files;
    const total = files.count;
    let count = 0;
    let first = 0;
    for (let i = 0; i < total; i++) {
      if (size[i] === 0 || !isRegular(mode[i] as number)) continue;
      if (takes !== undefined && !takes(i)) continue;
      rows[count++] = i;
      if (count < blockFilesMax) continue;
      this.#addBlock({ tag, path, first }, files, count);
      first += count;
      count = 0;
    }
    if (count > 0) this.#addBlock({ tag, path, first }, files, count);
  }

  /** Takes what was packed, an array with a buffer of its own; undefined = there is nothing. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#used === 0) return undefined;
    const packed = new Uint8Array(this.#buffer.slice(0, this.#used));
    this.#used = 0;
    return packed;
  }

  #addBlock({ tag, path, first }: BlockOf, files: FileColumns, count: number): void {
    const rows = this.#rows;
    let nameBytes = 0;
    for (let k = 0; k < count; k++) nameBytes += files.nameLength[rows[k] as number] as number;
    const bare = blockHeadBytes + count * fileBytes + path.length + nameBytes;
    const bytes = Math.ceil(bare / 8) * 8;
    this.#reserve(bytes);
    const [buffer, start] = [this.#buffer, this.#used];
    this.#used = start + bytes;
    new Uint32Array(buffer, start, 6).set([bytes, count, tag, path.length, first, 0]);
    const sizes = new Float64Array(buffer, start + blockHeadBytes, count * 2);
    const nanosAt = start + blockHeadBytes + count * 16;
    const nanos = new Uint32Array(buffer, nanosAt, count);
    const rest = new Uint8Array(buffer, nanosAt + count * 4, start + bytes - nanosAt - count * 4);
    let at = count;
    for (let i = 0; i < path.length; i++) rest[at++] = path.charCodeAt(i);
    const { size, mtime, mtimeNanos, names, nameStart, nameLength } = files;
    const head = rows[0] as number;
    // Most listings are files without a gap: their columns are copied as they are.
    const end = (rows[count - 1] as number) + 1;
    const isWhole = end - head === count;
    if (isWhole) {
      sizes.set(size.subarray(head, end));
      sizes.set(mtime.subarray(head, end), count);
      nanos.set(mtimeNanos.subarray(head, end));
    }
    for (let k = 0; k < count; k++) {
      const row = rows[k] as number;
      const length = nameLength[row] as number;
      assert(length <= nameBytesMax, "A name has a length that the doors let pass.");
      if (!isWhole) {
        sizes[k] = size[row] as number;
        sizes[count + k] = mtime[row] as number;
        nanos[k] = mtimeNanos[row] as number;
      }
      rest[k] = length;
      const from = nameStart[row] as number;
      for (let i = from; i < from + length; i++) rest[at++] = names[i] as number;
    }
    rest.fill(0, at);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.byteLength) return;
    const grown = new ArrayBuffer(
      Math.max(this.#used + bytes, this.#buffer.byteLength * 2, 16 * 1024),
    );
    new Uint8Array(grown).set(new Uint8Array(this.#buffer, 0, this.#used));
    this.#buffer = grown;
  }
}

/** Walks over the blocks of packed bytes. Places are in bytes from the start of what was opened. */
export class BlockCursor {
  bytes: Uint8Array = new Uint8Array(0);
  sizes: Float64Array = new Float64Array(0);
  words: Uint32Array = new Uint32Array(0);
  /** Where the block begins. */
  start = 0;
  /** Files in it. */
  count = 0;
  tag = 0;
  /** Files of the same directory in the blocks before. */
  first = 0;
  /** Where the path, and the first name, begins. */
  pathStart = 0;
  namesStart = 0;
  #end = 0;

  /** Opens bytes that begin at a multiple of eight of their buffer. */
  open(bytes: Uint8Array): void {
    const { buffer, byteOffset, length } = bytes;
    this.bytes = bytes;
    this.sizes = new Float64Array(buffer, byteOffset, length >>> 3);
    this.words = new Uint32Array(buffer, byteOffset, length >>> 2);
    this.#end = 0;
  }

  /** Goes to the next block; false = there is none. */
  next(): boolean {
    if (this.#end >= this.bytes.length) return false;
    this.seek(this.#end);
    return true;
  }

  /** Goes to the block that begins at `start`. */
  seek(start: number): void {
    const word = start >>> 2;
    this.start = start;
    this.#end = start + (this.words[word] as number);
    this.count = this.words[word + 1] as number;
    this.tag = this.words[word + 2] as number;
    this.first = this.words[word + 4] as number;
    this.pathStart = start + blockHeadBytes + this.count * fileBytes;
    this.namesStart = this.pathStart + (this.words[word + 3] as number);
  }

  /** Bytes of the block. */
  get length(): number {
    return this.#end - this.start;
  }

  /** Index of the first size in `sizes`; times follow `count` further on. */
  get sizeAt(): number {
    return (this.start + blockHeadBytes) >>> 3;
  }

  /** Index of the first nanoseconds in `words`. */
  get nanosAt(): number {
    return (this.start + blockHeadBytes + this.count * 16) >>> 2;
  }

  /** Where the length of the first name is in `bytes`. */
  get lengthsAt(): number {
    return this.start + blockHeadBytes + this.count * 20;
  }

  /** Where the name of file `index` begins. */
  nameStart(index: number): number {
    const { bytes, lengthsAt } = this;
    let at = this.namesStart;
    for (let k = 0; k < index; k++) at += bytes[lengthsAt + k] as number;
    return at;
  }
}
