// What a range of a file shares with the basis at its ends, where a block lies across them: matching
// finds whole blocks only. With both files at hand, the bytes before the first found block and those
// behind the last are compared with what the basis has there.

import { type BlockLayout, blockOffset } from "./block-layout.ts";
import { type ReadAt, readFully, type TokenSink } from "./stream.ts";

/** Both files, and the range of the source that was matched. */
export interface MatchedRange {
  readonly source: ReadAt;
  readonly basis: ReadAt;
  readonly start: number;
  /** Where the range ends, or the source, if that is before. */
  readonly end: number;
}

/** Remembers where the first and the last found block of a range lie. */
export class RangeEnds {
  readonly #layout: BlockLayout;
  #hasCopies = false;
  /** Literal bytes before the first copy, and where in the basis that begins. */
  #headLength = 0;
  #headOffset = 0;
  /** Literal bytes behind the last copy, and where in the basis that ends. */
  #tailLength = 0;
  #tailOffset = 0;

  constructor(layout: BlockLayout) {
    this.#layout = layout;
  }

  /** Returns a sink that looks at the tokens and gives them to `sink`. */
  watch(sink: TokenSink): TokenSink {
    return {
      copy: (firstBlock, blockCount) => {
        this.#copy(firstBlock, blockCount);
        sink.copy(firstBlock, blockCount);
      },
      literal: (bytes, start, end) => {
        this.#literal(end - start);
        sink.literal(bytes, start, end);
      },
    };
  }

  #copy(firstBlock: number, blockCount: number): void {
    if (!this.#hasCopies) this.#headOffset = blockOffset(this.#layout, firstBlock);
    this.#hasCopies = true;
    this.#tailLength = 0;
    this.#tailOffset = blockOffset(this.#layout, firstBlock + blockCount);
  }

  #literal(length: number): void {
    if (!this.#hasCopies) this.#headLength += length;
    this.#tailLength += length;
  }

  /** Returns how many of the literal bytes at the range's ends the basis has, less than a block at each. */
  shared({ source, basis, start, end }: MatchedRange): number {
    if (!this.#hasCopies) return 0;
    const { blockLength, fileLength } = this.#layout;
    const most = blockLength - 1;
    const head = Math.min(this.#headLength, this.#headOffset, most);
    const headEnd = start + this.#headLength;
    const tail = Math.min(this.#tailLength, fileLength - this.#tailOffset, most);
    const mine = new Uint8Array(Math.max(head, tail));
    const theirs = new Uint8Array(mine.length);
    let shared = 0;
    if (hasAll(source, mine, head, headEnd - head)) {
      if (hasAll(basis, theirs, head, this.#headOffset - head)) {
        while (shared < head && mine[head - 1 - shared] === theirs[head - 1 - shared]) shared++;
      }
    }
    if (!hasAll(source, mine, tail, end - this.#tailLength)) return shared;
    if (!hasAll(basis, theirs, tail, this.#tailOffset)) return shared;
    let same = 0;
    while (same < tail && mine[same] === theirs[same]) same++;
    return shared + same;
  }
}

function hasAll(read: ReadAt, into: Uint8Array, length: number, position: number): boolean {
  return readFully(read, into, 0, length, position) === length;
}
