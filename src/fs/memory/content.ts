// The bytes of one file as pages of 4096, absent where the file has a hole. A page may be shorter
// than its place: what is missing reads as zeros, so that small files take little memory.

import type { Volume } from "./volume.ts";

/** Bytes in a page; also the granularity of holes and of the quota. */
export const pageBytes = 4096;

const reserved = new Uint8Array(0);

/** A regular file's bytes. Offsets and lengths are whole numbers below 2^53. */
export class Content {
  size = 0;
  #pages = new Map<number, Uint8Array>();
  /** Numbers of the pages that hold data, ascending; undefined when a change made it stale. */
  #order: number[] | undefined;

  /** Bytes that the file takes of its volume. */
  get allocatedBytes(): number {
    return this.#pages.size * pageBytes;
  }

  /** Copies bytes out; returns how many, 0 at the end. */
  read(into: Uint8Array, offset: number, length: number, position: number): number {
    const count = Math.max(0, Math.min(length, this.size - position));
    let done = 0;
    while (done < count) {
      const at = position + done;
      const within = at % pageBytes;
      const part = Math.min(count - done, pageBytes - within);
      const page = this.#pages.get((at - within) / pageBytes);
      const target = into.subarray(offset + done, offset + done + part);
      if (page === undefined || page.length <= within) target.fill(0);
      else {
        const bytes = page.subarray(within, within + part);
        target.set(bytes);
        target.fill(0, bytes.length);
      }
      done += part;
    }
    return count;
  }

  /** Copies bytes in as long as the volume has room; returns how many. */
  write(
    from: Uint8Array,
    offset: number,
    length: number,
    position: number,
    volume: Volume,
  ): number {
    let done = 0;
    while (done < length) {
      const at = position + done;
      const within = at % pageBytes;
      const part = Math.min(length - done, pageBytes - within);
      const page = this.#writablePage((at - within) / pageBytes, within + part, volume);
      if (page === undefined) break;
      page.set(from.subarray(offset + done, offset + done + part), within);
      done += part;
    }
    if (done > 0) this.size = Math.max(this.size, position + done);
    return done;
  }

  #writablePage(index: number, bytes: number, volume: Volume): Uint8Array | undefined {
    const old = this.#pages.get(index);
    if (old !== undefined && old.length >= bytes) return old;
    if (old === undefined && !volume.claim(pageBytes)) return undefined;
    if (old === undefined || old.length === 0) this.#order = undefined;
    // A page that is written in steps grows by doubling.
    const grown = new Uint8Array(Math.min(pageBytes, Math.max(bytes, 2 * (old?.length ?? 0))));
    if (old !== undefined) grown.set(old);
    this.#pages.set(index, grown);
    return grown;
  }

  /** Sets the size; what lay behind a smaller size is gone and reads as zeros later. */
  truncate(size: number, volume: Volume): void {
    if (size < this.size) this.punch(size, this.size + pageBytes - size, volume);
    this.size = size;
  }

  /** Reserves pages; false when the volume has no room for all. Reserved pages are holes to seekData. */
  reserve(offset: number, length: number, volume: Volume): boolean {
    const first = Math.floor(offset / pageBytes);
    const last = Math.ceil((offset + length) / pageBytes);
    let missing = 0;
    for (let i = first; i < last; i++) if (!this.#pages.has(i)) missing++;
    if (!volume.claim(missing * pageBytes)) return false;
    for (let i = first; i < last; i++) if (!this.#pages.has(i)) this.#pages.set(i, reserved);
    return true;
  }

  /** Makes a range read as zeros; whole pages go back to the volume. */
  punch(offset: number, length: number, volume: Volume): void {
    const end = offset + length;
    for (const [index, page] of this.#pages) {
      const start = index * pageBytes;
      if (start >= end || start + pageBytes <= offset) continue;
      if (start >= offset && start + pageBytes <= end) {
        this.#pages.delete(index);
        volume.release(pageBytes);
        this.#order = undefined;
      } else page.fill(0, Math.max(0, offset - start), Math.max(0, end - start));
    }
  }

  /** Gives everything back to the volume. */
  clear(volume: Volume): void {
    volume.release(this.allocatedBytes);
    this.#pages.clear();
    this.#order = undefined;
    this.size = 0;
  }

  /** Start of the next data at or after the offset, -1 when there is none. */
  seekData(offset: number): number {
    if (offset >= this.size) return -1;
    const order = this.#ordered();
    const next = order[lowerBound(order, Math.floor(offset / pageBytes))];
    if (next === undefined || next * pageBytes >= this.size) return -1;
    return Math.max(offset, next * pageBytes);
  }

  /** Start of the next hole at or after the offset; the end of the file is one. */
  seekHole(offset: number): number {
    if (offset >= this.size) return offset;
    const order = this.#ordered();
    let page = Math.floor(offset / pageBytes);
    for (let i = lowerBound(order, page); order[i] === page; i++) page++;
    return Math.min(this.size, Math.max(offset, page * pageBytes));
  }

  #ordered(): number[] {
    this.#order ??= [...this.#pages]
      .filter(([, page]) => page.length > 0)
      .map(([index]) => index)
      .sort((a, b) => a - b);
    return this.#order;
  }

  /** Returns a copy that shares nothing. */
  copy(): Content {
    const copy = new Content();
    copy.size = this.size;
    for (const [index, page] of this.#pages) {
      copy.#pages.set(index, page.length === 0 ? page : page.slice());
    }
    return copy;
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
