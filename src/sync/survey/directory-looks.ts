// Which sizes and times the regular files of one listing have: asked for each file that changed, so nothing is made
// into strings.

import { type Directory, isRegular } from "../../tree/index.ts";
import { hashOfLook } from "../plan/seen-hints.ts";

/** What the files of one listing look like; the listing may not change meanwhile. */
export class DirectoryLooks {
  readonly #listing: Directory;
  /** Rows, open addressing, at most half full; -1 = none. */
  readonly #rows: Int32Array;
  readonly #mask: number;

  constructor(listing: Directory) {
    const { mode, size, mtime, mtimeNanos, count } = listing;
    this.#listing = listing;
    this.#mask = 2 ** Math.ceil(Math.log2(2 * count + 1)) - 1;
    const rows = new Int32Array(this.#mask + 1).fill(-1);
    this.#rows = rows;
    for (let t = 0; t < count; t++) {
      if (!isRegular(mode[t] as number)) continue;
      const look = [size[t] as number, mtime[t] as number, mtimeNanos[t] as number] as const;
      const slot = this.#slotOf(...look);
      if (rows[slot] === -1) rows[slot] = t;
    }
  }

  /** Says whether a file has that size and time. */
  has(size: number, mtime: number, nanos: number): boolean {
    return this.#rows[this.#slotOf(size, mtime, nanos)] !== -1;
  }

  /** Where such a file stands, or would. */
  #slotOf(wanted: number, seconds: number, nanos: number): number {
    const { size, mtime, mtimeNanos } = this.#listing;
    const [rows, mask] = [this.#rows, this.#mask];
    let slot = hashOfLook(wanted, seconds, nanos) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const t = rows[slot] as number;
      if (t === -1) return slot;
      if (size[t] === wanted && mtime[t] === seconds && mtimeNanos[t] === nanos) return slot;
    }
  }
}
