// Shared memory that is used again: content goes through a machine much faster than its garbage is
// collected (shared memory does not count for V8), and fresh memory has to be cleared first.

/** Sizes of the pieces there are, in bytes; what is larger is not kept. */
const sizes: readonly number[] = Array.from({ length: 10 }, (_, i) => 2 ** (14 + i));
/** Bytes that are kept for later. Arbitrary: what is under way at a time on a fast line. */
const keptBytesMax = 64 * 1024 * 1024;

/** Gives out pieces of shared memory, and takes them back. */
export class Slabs {
  /** Free ones, by number of the size. */
  private readonly free: SharedArrayBuffer[][] = sizes.map(() => []);
  private keptBytes = 0;

  /** Returns memory of that length, whose content is arbitrary. */
  take(length: number): Uint8Array {
    const first = sizes.findIndex((size) => size >= length);
    if (first < 0) return new Uint8Array(new SharedArrayBuffer(length));
    // One that is too large by one step is better than a fresh one.
    const slab = this.free[first]?.pop() ?? this.free[first + 1]?.pop();
    if (slab === undefined) {
      return new Uint8Array(new SharedArrayBuffer(sizes[first] as number), 0, length);
    }
    this.keptBytes -= slab.byteLength;
    return new Uint8Array(slab, 0, length);
  }

  /** Returns memory of at least that length, all of a piece: one that is there, if any is. */
  takeAny(least: number): Uint8Array {
    const first = sizes.findIndex((size) => size >= least);
    for (let number = first; number < sizes.length; number++) {
      const slab = this.free[number]?.pop();
      if (slab === undefined) continue;
      this.keptBytes -= slab.byteLength;
      return new Uint8Array(slab);
    }
    return new Uint8Array(new SharedArrayBuffer(sizes[first] as number));
  }

  /** Takes memory back that nobody uses any more. Any memory will do: what is of no use is dropped. */
  give({ buffer }: Uint8Array): void {
    const number = sizes.indexOf(buffer.byteLength);
    if (!(buffer instanceof SharedArrayBuffer) || number < 0) return;
    if (this.keptBytes + buffer.byteLength > keptBytesMax) return;
    this.keptBytes += buffer.byteLength;
    this.free[number]?.push(buffer);
  }
}
