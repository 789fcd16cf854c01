// Files that wait for content that the target may have under another name, as columns.

import { assert, type ByteString, fromBytes } from "../../base/index.ts";
import { type Directory, regrow } from "../../tree/index.ts";

/** The columns that are read of a listing. */
type WantedColumns = Pick<
  Directory,
  "size" | "mtime" | "mtimeNanos" | "names" | "nameStart" | "nameLength"
>;

/** Directories that may have files that wait; a limit of the numbers that count them. */
const directoriesMax = 2 ** 21;
/** What a file takes beside its name, and a directory beside its path. */
const fileBytes = 8 + 8 + 4 + 4 + 4 + 4 + 1 + 1;
const directoryBytes = 32;

/** The files that wait. Their numbers count from 0, in the order in which they were added. */
export class WantedFiles {
  count = 0;
  /** Paths of directories by number. */
  readonly directories: ByteString[] = [];
  /** Number of the directory. */
  directory: Uint32Array = new Uint32Array(0);
  /** The caller's own number, e.g. of a row. */
  row: Uint32Array = new Uint32Array(0);
  size: Float64Array = new Float64Array(0);
  mtime: Float64Array = new Float64Array(0);
  mtimeNanos: Uint32Array = new Uint32Array(0);
  /** 1: the target has a regular file of that name, with other content. */
  hasOwn: Uint8Array = new Uint8Array(0);
  names: Uint8Array = new Uint8Array(0);
  nameStart: Uint32Array = new Uint32Array(0);
  nameLength: Uint8Array = new Uint8Array(0);
  #namesUsed = 0;
  #pathBytes = 0;

  /** Bytes that they take, about. */
  get bytes(): number {
    return this.count * fileBytes + this.#namesUsed + this.#pathBytes;
  }

  /** Returns the number of a directory whose files come next. Each directory is added once. */
  addDirectory(path: ByteString): number {
    assert(this.directories.length < directoriesMax, "Files wait in a bounded number of places.");
    this.#pathBytes += path.length + directoryBytes;
    return this.directories.push(path) - 1;
  }

  /** Adds entry `index` of a listing of directory `directory`, and returns its number. */
  add(
    directory: number,
    row: number,
    files: WantedColumns,
    index: number,
    hasOwn: boolean,
  ): number {
    const i = this.count++;
    const length = files.nameLength[index] as number;
    this.#reserve(i + 1, length);
    this.directory[i] = directory;
    this.row[i] = row;
    this.size[i] = files.size[index] as number;
    this.mtime[i] = files.mtime[index] as number;
    this.mtimeNanos[i] = files.mtimeNanos[index] as number;
    this.hasOwn[i] = hasOwn ? 1 : 0;
    const from = files.nameStart[index] as number;
    this.nameStart[i] = this.#namesUsed;
    this.nameLength[i] = length;
    for (let k = 0; k < length; k++) {
      this.names[this.#namesUsed + k] = files.names[from + k] as number;
    }
    this.#namesUsed += length;
    return i;
  }

  /** Returns the name of file `i`. */
  name(i: number): ByteString {
    const start = this.nameStart[i] as number;
    return fromBytes(this.names, start, start + (this.nameLength[i] as number));
  }

  #reserve(count: number, nameBytes: number): void {
    if (this.#namesUsed + nameBytes > this.names.length) {
      const wanted = Math.max(this.#namesUsed + nameBytes, this.names.length * 2, 1024);
      this.names = regrow(this.names, Uint8Array, wanted);
    }
    if (count <= this.row.length) return;
    const capacity = Math.max(count, this.row.length * 2, 64);
    this.directory = regrow(this.directory, Uint32Array, capacity);
    this.row = regrow(this.row, Uint32Array, capacity);
    this.size = regrow(this.size, Float64Array, capacity);
    this.mtime = regrow(this.mtime, Float64Array, capacity);
    this.mtimeNanos = regrow(this.mtimeNanos, Uint32Array, capacity);
    this.hasOwn = regrow(this.hasOwn, Uint8Array, capacity);
    this.nameStart = regrow(this.nameStart, Uint32Array, capacity);
    this.nameLength = regrow(this.nameLength, Uint8Array, capacity);
  }
}
