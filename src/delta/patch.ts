// Makes a file from its basis and the tokens of a delta.
//
// Tokens come from outside: every number is checked against the layout before it is used. What
// comes out is only as good as the basis; a digest of the whole result is the caller's (`observe`).

import { ManifoldError } from "../base/index.ts";
import { type BlockLayout, blockOffset } from "./block-layout.ts";
import { type Observe, type ReadAt, readFully, type TokenSink, type WriteAt } from "./stream.ts";

/** What a patch reads and writes. */
export interface PatchOptions {
  /** The layout that the tokens' block numbers mean. */
  readonly layout: BlockLayout;
  /** The basis. */
  readonly read: ReadAt;
  /** Gets the result, in order and without gaps (but see `inPlace`). */
  readonly write: WriteAt;
  /** Where in the result the tokens start; default 0. */
  readonly start?: number;
  /** The result may not grow beyond this position; default: no limit. */
  readonly end?: number;
  /**
   * The result overwrites the basis: what is already at its place is not written, and a block that
   * has been overwritten may not be used. One that stood at its place is still there.
   */
  readonly inPlace?: boolean;
  /** The result has the basis's content to begin with (shared blocks): what is already at its place is not written. */
  readonly startsAsBasis?: boolean;
  /** Sees every byte of the result once, in order: a digest. */
  readonly observe?: Observe | undefined;
  /** Copies a range of the basis into the result inside the kernel; false where it cannot. */
  readonly copyRange?: (offset: number, position: number, length: number) => boolean;
}

/** A sink that writes the file that its tokens describe. */
export interface Patcher extends TokenSink {
  /**
   * Returns the position after the last byte. With `expected`, throws a protocol-data error when
   * that is another one: tokens are missing.
   */
  finish(expected?: number): number;
}

const COPY_LENGTH = 256 << 10;

/** Returns a Patcher. Its methods throw protocol-data for tokens that no matching makes. */
export function createPatcher(options: PatchOptions): Patcher {
  return new BasisPatcher(options);
}

class BasisPatcher implements Patcher {
  readonly #options: PatchOptions;
  readonly #layout: BlockLayout;
  readonly #end: number;
  #position: number;
  /** In place: 1 for each block that was found at its place. */
  readonly #kept: Uint8Array | undefined;
  #buffer: Uint8Array | undefined;

  constructor(options: PatchOptions) {
    this.#options = options;
    this.#layout = options.layout;
    this.#position = options.start ?? 0;
    this.#end = options.end ?? Number.MAX_SAFE_INTEGER;
    this.#kept = options.inPlace === true ? new Uint8Array(options.layout.count) : undefined;
  }

  copy(firstBlock: number, blockCount: number): void {
    const { count } = this.#layout;
    const isInside =
      Number.isInteger(firstBlock) &&
      Number.isInteger(blockCount) &&
      firstBlock >= 0 &&
      blockCount >= 1 &&
      firstBlock + blockCount <= count;
    if (!isInside) {
      throw new ManifoldError(
        "protocol-data",
        `Cannot apply delta: copy of ${blockCount} blocks from block ${firstBlock}, basis has ${count}`,
        { data: { firstBlock, blockCount, count } },
      );
    }
    const offset = blockOffset(this.#layout, firstBlock);
    const length = blockOffset(this.#layout, firstBlock + blockCount) - offset;
    this.#checkGrowth(length);
    const { inPlace, startsAsBasis, observe, copyRange } = this.#options;
    if (offset < this.#position && !this.#isKept(firstBlock, blockCount)) {
      throw new ManifoldError(
        "protocol-data",
        `Cannot apply delta in place: block ${firstBlock} at ${offset} is overwritten up to ${this.#position}`,
        { data: { firstBlock, offset, position: this.#position } },
      );
    }
    const isThere = (inPlace || startsAsBasis) === true && offset === this.#position;
    if (isThere) this.#kept?.fill(1, firstBlock, firstBlock + blockCount);
    if (isThere && observe === undefined) this.#position += length;
    else if (observe === undefined && copyRange?.(offset, this.#position, length) === true) {
      this.#position += length;
    } else this.#copyThrough(offset, length, isThere);
  }

  /** Says whether all these blocks stand where the result has them; beside the basis every block does. */
  #isKept(firstBlock: number, blockCount: number): boolean {
    const kept = this.#kept;
    if (kept === undefined) return true;
    return !kept.subarray(firstBlock, firstBlock + blockCount).includes(0);
  }

  literal(bytes: Uint8Array, start: number, end: number): void {
    this.#checkGrowth(end - start);
    this.#put(bytes, start, end, false);
  }

  finish(expected?: number): number {
    if (expected !== undefined && expected !== this.#position) {
      throw new ManifoldError(
        "protocol-data",
        `Cannot apply delta: tokens end at byte ${this.#position} of ${expected}`,
        { data: { position: this.#position, expected } },
      );
    }
    return this.#position;
  }

  #checkGrowth(length: number): void {
    if (this.#position + length <= this.#end) return;
    throw new ManifoldError(
      "protocol-data",
      `Cannot apply delta: token of ${length} bytes at ${this.#position} goes beyond ${this.#end}`,
      { data: { length, position: this.#position, end: this.#end } },
    );
  }

  #copyThrough(offset: number, length: number, isThere: boolean): void {
    this.#buffer ??= new Uint8Array(COPY_LENGTH);
    const buffer = this.#buffer;
    for (let done = 0; done < length; ) {
      const wanted = Math.min(COPY_LENGTH, length - done);
      const got = readFully(this.#options.read, buffer, 0, wanted, offset + done);
      if (got < wanted) {
        throw new ManifoldError(
          "partial",
          `Cannot read basis: it ends at byte ${offset + done + got}, had ${this.#layout.fileLength}`,
          { data: { offset: offset + done + got, fileLength: this.#layout.fileLength } },
        );
      }
      this.#put(buffer, 0, wanted, isThere);
      done += wanted;
    }
  }

  #put(bytes: Uint8Array, start: number, end: number, isThere: boolean): void {
    if (!isThere) this.#options.write(bytes, start, end, this.#position);
    this.#options.observe?.(bytes, start, end);
    this.#position += end - start;
  }
}
