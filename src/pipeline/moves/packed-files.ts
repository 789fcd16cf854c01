// Files of directories as bytes: what a search for moved content has to know of a file (name, size, time), in
// the form in which it crosses threads, is kept and is spilled. A block is some files of one directory:
//
//   u32 bytes of the block, u32 files, u32 tag, u32 bytes of the path, u32 files in earlier blocks of it, u32 bytes of names
//   f64 size, f64 mtime: one of each for every file; then u32 nanoseconds, u32 where names start, u8 lengths of names
//   the path, the names, in whatever order and with others between them, bytes up to a multiple of eight
//
// Numbers are in the machine's own order: blocks never leave it.

import { assert, type ByteString } from "../../base/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import type { FileLog } from "./file-log.ts";

/** Bytes before the columns of a block. */
export const blockHeadBytes = 24;
/** Files of one block: with names and a path of any length it stays below 640 KiB, and so fits into any chunk. */
const blockFilesMax = 2048;
const fileBytes = 8 + 8 + 4 + 4 + 1;
const pathBytesMax = 65_536;
const nameBytesMax = 255;

/** The columns that are read of a listing. */
export type FileColumns = Pick<
  Directory,
  | "count"
  | "mode"
  | "size"
  | "mtime"
  | "mtimeNanos"
  | "names"
  | "namesUsed"
  | "nameStart"
  | "nameLength"
>;

/** What all files of a block have in common. */
interface BlockOf {
  readonly tag: number;
  readonly path: ByteString;
  readonly first: number;
}

/** Packs the regular files of listings into a log, directory after directory. */
export class FilePacker {
  readonly #log: FileLog;
  readonly #rows = new Uint32Array(blockFilesMax);

  constructor(log: FileLog) {
    this.#log = log;
  }

  /**
   * Adds the regular files of a listing that are not empty, or of them those that `takes` accepts, and returns how many
   * these are. `tag`: a number of the caller's that comes back with each candidate, e.g. which tree they are of.
   */
  add(
    tag: number,
    path: ByteString,
    files: FileColumns,
    takes?: (index: number) => boolean,
  ): number {
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
    return first + count;
  }

  #addBlock({ tag, path, first }: BlockOf, files: FileColumns, count: number): void {
    const rows = this.#rows;
    const { names, namesUsed, nameLength } = files;
    let nameBytes = 0;
    for (let k = 0; k < count; k++) nameBytes += nameLength[rows[k] as number] as number;
    // Names are mostly those of files alone: they are copied as they lie.
    const isTogether = namesUsed <= nameBytes * 2 && namesUsed <= blockFilesMax * nameBytesMax;
    if (isTogether) nameBytes = namesUsed;
    const namesAt = blockHeadBytes + count * fileBytes + path.length;
    const length = Math.ceil((namesAt + nameBytes) / 8) * 8;
    const start = this.#log.reserve(length);
    const { bytes, words, doubles } = this.#log;
    let word = start >>> 2;
    words[word++] = length;
    words[word++] = count;
    words[word++] = tag;
    words[word++] = path.length;
    words[word++] = first;
    words[word++] = nameBytes;
    packNumbers(doubles, words, (start + blockHeadBytes) >>> 3, files, rows, count);
    const pathAt = start + namesAt - path.length;
    for (let i = 0; i < path.length; i++) bytes[pathAt + i] = path.charCodeAt(i);
    packLengths(bytes, start + blockHeadBytes + count * 24, nameLength, rows, count);
    const startsAt = (start + blockHeadBytes + count * 20) >>> 2;
    if (isTogether) {
      for (let k = 0; k < count; k++)
        words[startsAt + k] = files.nameStart[rows[k] as number] as number;
      copyBytes(bytes, start + namesAt, names, namesUsed);
    } else packNames(bytes, start + namesAt, words, startsAt, files, rows, count);
    this.#log.written(length);
  }
}

/** Hot loop: the sizes, times and nanoseconds of `count` rows, from number `at` of `doubles` on. */
function packNumbers(
  doubles: Float64Array,
  words: Uint32Array,
  at: number,
  { size, mtime, mtimeNanos }: FileColumns,
  rows: Uint32Array,
  count: number,
): void {
  const nanosAt = (at + count * 2) * 2;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    doubles[at + k] = size[row] as number;
    doubles[at + count + k] = mtime[row] as number;
    words[nanosAt + k] = mtimeNanos[row] as number;
  }
}

/** Hot loop: the lengths of the names of `count` rows. */
function packLengths(
  bytes: Uint8Array,
  at: number,
  nameLength: FileColumns["nameLength"],
  rows: Uint32Array,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const length = nameLength[rows[k] as number] as number;
    assert(length <= nameBytesMax, "A name has a length that the doors let pass.");
    bytes[at + k] = length;
  }
}

/** Hot loop: the names of `count` rows one after another, and where each begins. */
function packNames(
  bytes: Uint8Array,
  namesAt: number,
  words: Uint32Array,
  startsAt: number,
  { names, nameStart, nameLength }: FileColumns,
  rows: Uint32Array,
  count: number,
): void {
  let at = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    const length = nameLength[row] as number;
    const from = nameStart[row] as number;
    words[startsAt + k] = at;
    for (let i = 0; i < length; i++) bytes[namesAt + at + i] = names[from + i] as number;
    at += length;
  }
}

/** From so many bytes on a copy by the engine, for which a view has to be made, takes less than a loop. */
const viewBytesMin = 200;

/** Hot loop: copies the first `length` bytes. */
function copyBytes(to: Uint8Array, at: number, from: Uint8Array, length: number): void {
  if (length >= viewBytesMin) to.set(from.subarray(0, length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[i] as number;
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

  /** Opens bytes that begin at a multiple of eight of their buffer, and of which the first block begins at `start`. */
  open(bytes: Uint8Array, start = 0): void {
    const { buffer, byteOffset, length } = bytes;
    this.bytes = bytes;
    this.sizes = new Float64Array(buffer, byteOffset, length >>> 3);
    this.words = new Uint32Array(buffer, byteOffset, length >>> 2);
    this.#end = start;
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
    return this.start + blockHeadBytes + this.count * 24;
  }

  /** Where the name of file `index` begins. */
  nameStart(index: number): number {
    const startsAt = (this.start + blockHeadBytes + this.count * 20) >>> 2;
    return this.namesStart + (this.words[startsAt + index] as number);
  }

  /** Where the name of file `index` ends. */
  nameEnd(index: number): number {
    return this.nameStart(index) + (this.bytes[this.lengthsAt + index] as number);
  }
}
