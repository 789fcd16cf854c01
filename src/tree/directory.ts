// One directory's listing: columns, not objects (a million entries must not be a million
// objects). A Directory is scratch space that a lane fills again and again, and, once frozen, a
// value that other threads read. Entries stand in listing order: everything that is not a
// directory first, by name bytes, then directories by the bytes of `name/`.

import { assert, type ByteString, fromBytes } from "../base/index.ts";
import {
  allColumns,
  float64Columns,
  nameColumns,
  noBytes,
  noFloats,
  noTargets,
  noWords,
  noXattrs,
  regrow,
  selectMap,
  uint8Columns,
  uint32Columns,
  type Xattr,
} from "./columns.ts";
import { copyColumns, startsAt } from "./copy-columns.ts";
import { typeDirectory, typeMask } from "./mode.ts";

const allTypes = -1;

/** What an empty listing makes room for at first: many hold a single entry, and all of them grow in doublings. */
const firstEntries = 16;
const firstNameBytes = 512;

/**
 * The columns of one directory.
 *
 * Scratch directories grow as needed and are reused: `clear()` empties one without freeing it.
 * `freeze()` copies the used part into one SharedArrayBuffer, so that any thread can hold it.
 * Sizes and whole seconds are doubles: every integer up to 2^53 is exact, larger files are refused
 * by the doors. Entry i's name is `nameLength[i]` bytes of `names` from `nameStart[i]`, always
 * followed by a NUL so that it can be handed to a system call where it lies.
 */
export class Directory {
  count = 0;
  /** False when some entry could not be listed: nothing may be deleted on account of absence. */
  complete = true;

  /**
   * Types that entries may have: bit N for type bits N << 12, bit 0 for entries whose type is not known or that could not
   * be read. All bits where the door does not tell: what a bit rules out is not looked for.
   */
  types = allTypes;

  names: Uint8Array = noBytes;
  /** Bytes of `names` in use. */
  namesUsed = 0;

  /** Bytes of content; link target length for symlinks. */
  size: Float64Array = noFloats;
  /** Whole seconds since 1970, may be negative; the nanoseconds are 0..999,999,999. */
  mtime: Float64Array = noFloats;
  ctime: Float64Array = noFloats;
  atime: Float64Array = noFloats;
  /** 512-byte blocks allocated. */
  blocks: Float64Array = noFloats;
  /** Birth time in whole seconds, 0 where the file system does not tell. */
  crtime: Float64Array = noFloats;
  nameStart: Uint32Array = noWords;
  nameLength: Uint32Array = noWords;
  /** File type and permission bits as in st_mode; 0 means "no such entry" in a probed listing. */
  mode: Uint32Array = noWords;
  mtimeNanos: Uint32Array = noWords;
  ctimeNanos: Uint32Array = noWords;
  atimeNanos: Uint32Array = noWords;
  crtimeNanos: Uint32Array = noWords;
  uid: Uint32Array = noWords;
  gid: Uint32Array = noWords;
  nlink: Uint32Array = noWords;
  devMajor: Uint32Array = noWords;
  devMinor: Uint32Array = noWords;
  inoHigh: Uint32Array = noWords;
  inoLow: Uint32Array = noWords;
  rdevMajor: Uint32Array = noWords;
  rdevMinor: Uint32Array = noWords;
  /** The filter's verdict flags (tree/filter). */
  verdict: Uint8Array = noBytes;
  /** The errno (1..255) that reading this entry's attributes gave, 0 for none. */
  problem: Uint8Array = noBytes;
  /** Which of the places that feed this directory the entry comes from. */
  origin: Uint32Array = noWords;

  /** Extended attributes by entry index, where they were read and there are any. */
  xattrs: Map<number, readonly Xattr[]> = noXattrs;

  /** Symlink targets by entry index, where they were read. */
  linkTargets: Map<number, ByteString> = noTargets;

  /** Empties the listing and keeps its memory. */
  clear(): void {
    this.count = 0;
    this.namesUsed = 0;
    this.types = allTypes;
    this.complete = true;
    this.linkTargets = noTargets;
    this.xattrs = noXattrs;
  }

  /** Makes room for at least `capacity` entries; contents are kept. */
  reserve(capacity: number): void {
    if (this.mode.length >= capacity) return;
    const grown = Math.max(capacity, this.mode.length * 2, firstEntries);
    for (const column of float64Columns) this[column] = regrow(this[column], Float64Array, grown);
    for (const column of uint32Columns) this[column] = regrow(this[column], Uint32Array, grown);
    for (const column of uint8Columns) this[column] = regrow(this[column], Uint8Array, grown);
  }

  /** Makes room for `bytes` more bytes of names; names already there are kept, the array may move. */
  reserveNames(bytes: number): void {
    if (this.names.length - this.namesUsed >= bytes) return;
    assert(this.namesUsed + bytes < 2 ** 32, "Names of a listing are found by 32-bit numbers.");
    const grown = new Uint8Array(
      Math.max(this.namesUsed + bytes, this.names.length * 2, firstNameBytes),
    );
    grown.set(this.names.subarray(0, this.namesUsed));
    this.names = grown;
  }

  /** Remembers where the symlink `index` points. */
  setLinkTarget(index: number, target: ByteString): void {
    if (this.linkTargets === noTargets) this.linkTargets = new Map();
    this.linkTargets.set(index, target);
  }

  /** Remembers the extended attributes of entry `index`. */
  setXattrs(index: number, xattrs: readonly Xattr[]): void {
    if (this.xattrs === noXattrs) this.xattrs = new Map();
    this.xattrs.set(index, xattrs);
  }

  /** Appends an entry with this name and type bits; other columns are the caller's to fill. */
  add(name: ByteString, mode: number): number {
    const index = this.count;
    this.reserve(index + 1);
    this.reserveNames(name.length + 1);
    const start = this.namesUsed;
    for (let i = 0; i < name.length; i++) this.names[start + i] = name.charCodeAt(i);
    this.names[start + name.length] = 0;
    this.namesUsed = start + name.length + 1;
    this.nameStart[index] = start;
    this.nameLength[index] = name.length;
    this.mode[index] = mode;
    this.types |= 1 << (mode >>> 12);
    this.problem[index] = 0;
    this.verdict[index] = 0;
    this.origin[index] = 0;
    this.count = index + 1;
    return index;
  }

  /** Says whether an entry may be of the type with these type bits. */
  mayHave(type: number): boolean {
    return (this.types & (1 << (type >>> 12))) !== 0;
  }

  /** Returns the name of entry `index`. */
  name(index: number): ByteString {
    const start = this.nameStart[index] as number;
    return fromBytes(this.names, start, start + (this.nameLength[index] as number));
  }

  /** Says whether entry `index` is a directory. */
  isDirectory(index: number): boolean {
    return ((this.mode[index] as number) & typeMask) === typeDirectory;
  }

  /** Copies every column of entry `from` of `other` except its name onto entry `index`. */
  copyAttributes(index: number, other: Directory, from: number): void {
    for (const column of float64Columns) this[column][index] = other[column][from] as number;
    for (const column of uint32Columns) {
      if (column !== "nameStart" && column !== "nameLength") {
        this[column][index] = other[column][from] as number;
      }
    }
    for (const column of uint8Columns) this[column][index] = other[column][from] as number;
  }

  /**
   * Keeps only the entries whose indices are given, in that order. With `namesOnly` just the
   * columns that readNames fills move: before the attributes are read there is nothing else.
   */
  select(indices: Uint32Array, namesOnly = false): void {
    assert(indices.length <= this.count, "A selection is not larger than the listing.");
    const columns = namesOnly ? nameColumns : allColumns;
    for (const column of columns) {
      const values = this[column];
      const picked = values.slice(0, indices.length);
      for (let i = 0; i < indices.length; i++) picked[i] = values[indices[i] as number] as number;
      values.set(picked);
    }
    this.linkTargets = selectMap(this.linkTargets, indices);
    this.xattrs = selectMap(this.xattrs, indices);
    this.count = indices.length;
  }

  /** Returns a copy that lies in one SharedArrayBuffer and can be posted to any thread. */
  freeze(): FrozenDirectory {
    const { count, namesUsed } = this;
    const frozen = this.#frozen(count, namesUsed, this.linkTargets, this.xattrs);
    const names = copyColumns(this, frozen.buffer, 0, count);
    names.set(this.names.subarray(0, namesUsed));
    return frozen;
  }

  /** Returns a frozen copy of the entries from `first` on, with only their names. */
  freezeFrom(first: number): FrozenDirectory {
    const count = this.count - first;
    let namesUsed = 0;
    for (let i = first; i < this.count; i++) namesUsed += (this.nameLength[i] as number) + 1;
    const rebase = <T>(map: Map<number, T>): Map<number, T> =>
      map.size === 0
        ? map
        : new Map([...map].filter(([i]) => i >= first).map(([i, value]) => [i - first, value]));
    const frozen = this.#frozen(count, namesUsed, rebase(this.linkTargets), rebase(this.xattrs));
    const names = copyColumns(this, frozen.buffer, first, count);
    const starts = new Uint32Array(frozen.buffer, startsAt(count), count);
    let used = 0;
    for (let k = 0; k < count; k++) {
      const start = this.nameStart[first + k] as number;
      const end = start + (this.nameLength[first + k] as number) + 1;
      starts[k] = used;
      for (let at = start; at < end; at++) names[used++] = this.names[at] as number;
    }
    return frozen;
  }

  #frozen(
    count: number,
    namesUsed: number,
    linkTargets: Map<number, ByteString>,
    xattrs: Map<number, readonly Xattr[]>,
  ): FrozenDirectory {
    const bytes =
      count * (8 * float64Columns.length + 4 * uint32Columns.length + uint8Columns.length);
    const buffer = new SharedArrayBuffer(bytes + namesUsed);
    return { buffer, count, namesUsed, complete: this.complete, linkTargets, xattrs };
  }

  /** Returns a Directory over a frozen buffer, without copying. */
  static thaw(frozen: FrozenDirectory): Directory {
    const { buffer, count, namesUsed } = frozen;
    const directory = new Directory();
    let offset = 0;
    for (const column of float64Columns) {
      directory[column] = new Float64Array(buffer, offset, count);
      offset += 8 * count;
    }
    for (const column of uint32Columns) {
      directory[column] = new Uint32Array(buffer, offset, count);
      offset += 4 * count;
    }
    for (const column of uint8Columns) {
      directory[column] = new Uint8Array(buffer, offset, count);
      offset += count;
    }
    directory.names = new Uint8Array(buffer, offset, namesUsed);
    directory.count = count;
    directory.namesUsed = namesUsed;
    directory.complete = frozen.complete;
    directory.linkTargets = frozen.linkTargets;
    directory.xattrs = frozen.xattrs;
    return directory;
  }
}

/** A listing as it travels between threads: one shared buffer and its few side facts. */
export interface FrozenDirectory {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  readonly namesUsed: number;
  readonly complete: boolean;
  readonly linkTargets: Map<number, ByteString>;
  readonly xattrs: Map<number, readonly Xattr[]>;
}
