// What a door can do with many files of one directory in one go: the bulk of a copy, in loops that
// allocate nothing. Each is absent where the door cannot do it faster than single calls.

import type { Directory } from "../tree/index.ts";
import type { DirHandle } from "./handles.ts";

/** The part of a door that works on many files at a time. */
export interface ManyFiles {
  /**
   * Copies the regular files of a listing that `marks` names as wanted (pickMark) from one directory to new files of
   * the same names in another: content, permission bits and modification time, which the listing tells. Marks those as
   * copied that were the same file, size and times before and after; of the others nothing is left, and no reason is
   * given. Absent where the door cannot do it faster than single calls.
   */
  copyNewFiles?(
    from: DirHandle,
    to: DirHandle,
    listing: Directory,
    first: number,
    last: number,
    marks: Uint8Array,
  ): void;
  /**
   * Compares files of a source listing that `marks` names as wanted with those of the same names in another directory, up
   * to the listing's size. Marks those as done whose bytes are equal and whose source was the same file, size and times
   * after that; with the mark that asks for it, those then have the listed modification time; with another, only bytes count. Gives no reason for others. Absent where the door cannot do it faster than single calls.
   */
  compareFiles?(
    source: DirHandle,
    target: DirHandle,
    listing: Directory,
    first: number,
    last: number,
    marks: Uint8Array,
  ): void;
  /**
   * Reads the regular files of a listing that `marks` names as wanted, up to the listed size, one behind the other into
   * memory from `from` on; returns the end of what was read. Marks those as done that were the same file, size and times
   * after that, in the order of the listing; gives no reason for others, and does not begin those for which there is no
   * room. Absent where the door cannot do it faster than single calls.
   */
  readFiles?(
    dir: DirHandle,
    listing: Directory,
    first: number,
    last: number,
    marks: Uint8Array,
    into: Uint8Array,
    from: number,
  ): number;
  /**
   * Makes new regular files, those of a listing that `marks` names as wanted, with the listed permission bits and
   * modification time and the listed number of bytes of `from`, beginning at `starts` (by entry): in `stage` first, from
   * where they are renamed when they are whole, unless that is `dir`. Marks those as done; of the others nothing is left,
   * and no reason is given. Absent as above.
   */
  writeNewFiles?(
    stage: DirHandle,
    dir: DirHandle,
    listing: Directory,
    first: number,
    last: number,
    marks: Uint8Array,
    from: Uint8Array,
    starts: Float64Array,
  ): void;
  /**
   * Gives files the modification times that `wanted` tells, of the entries that `marks` names so (wantedWithTime): file `rows[i]`
   * of a directory's listing that of entry `i`. Marks those as done that were what was listed just before; gives no reason for others.
   * Absent as above.
   */
  stampFiles?(
    dir: DirHandle,
    listing: Directory,
    rows: Int32Array,
    wanted: Directory,
    first: number,
    last: number,
    marks: Uint8Array,
  ): void;
}

/** The names of these calls; a new one that is missing here does not compile. */
export const manyFilesCalls = Object.keys({
  copyNewFiles: true,
  compareFiles: true,
  readFiles: true,
  writeNewFiles: true,
  stampFiles: true,
} satisfies Record<keyof ManyFiles, true>) as (keyof ManyFiles)[];
