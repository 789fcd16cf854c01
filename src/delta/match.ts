// Finds the blocks of a basis in another file: the rsync algorithm's search.
//
//   after a match, the next block of the basis is expected at the next byte: only confirm it
//   else, if the block after that is where it is expected, the one between has been edited: pass it
//   else roll the weak sum along until the index knows it; try the block that has the last match's
//   shift first, then the others with that sum; no block: one byte further
//
// So a long unchanged stretch costs one strong hash (or one comparison) of its bytes and nothing
// else. Source: rsync technical report, section 4; Tridgell's thesis, section 3.2. Which of several
// right matches is found does not matter for the result.

import { assert } from "../base/index.ts";
import { type RollingKernel, rollSum } from "../hash/index.ts";
import { BlockFinder } from "./block-finder.ts";
import { type BlockIndex, closeIndex, openIndex } from "./block-index.ts";
import { fullBlockCount } from "./block-layout.ts";
import type { MatchCounts, MatchOptions } from "./match-options.ts";
import { mayRepeatItself } from "./self-similar.ts";
import type { Signature } from "./signature.ts";
import { SourceWindow } from "./source-window.ts";
import type { TokenSink } from "./stream.ts";
import type { IndexPlan } from "./sum-index.ts";
import { TokenWriter } from "./token-writer.ts";

/**
 * Reads the file once, from its start to its end, and tells the sink how to make it from the basis.
 * Neighbouring blocks come as one copy(); literals come in pieces of at most the window's length.
 * The same tokens come out however the reads are cut. Memory: the window (256 to 512 KiB) and 28 to
 * 52 bytes a block.
 */
export function matchBlocks(options: MatchOptions, sink: TokenSink): MatchCounts {
  const { signature } = options;
  // In place, an index forgets blocks that have been overwritten.
  assert(!(options.inPlace && options.index), "an index is not used again in place");
  const index = options.index ?? openIndex(signature);
  const { kernel, plan, capacity } = index;
  const window = new SourceWindow(kernel.bytes, plan.windowStart, capacity, {
    read: options.read,
    start: options.start ?? 0,
    end: options.end ?? Number.MAX_SAFE_INTEGER,
    observe: options.observe,
  });
  const counts = new Matcher(options, sink, index, window).run();
  if (options.index === undefined) closeIndex(index);
  return counts;
}

class Matcher {
  readonly #signature: Signature;
  readonly #fullCount: number;
  readonly #inPlace: boolean;
  /** In place: 1 for each block that was found at its own offset. */
  readonly #kept: Uint8Array | undefined;
  readonly #tokens: TokenWriter;
  readonly #kernel: RollingKernel;
  readonly #plan: IndexPlan;
  readonly #window: SourceWindow;
  readonly #finder: BlockFinder;
  /** The window's memory once more, for comparisons. */
  readonly #buffer: Buffer;
  /** Where in the window the search is; everything before it is decided. */
  #at: number;
  /** The block expected at #at, or -1. */
  #expected: number;
  /** Offset in the basis minus position in the file at the last match. */
  #shift = 0;
  #searchHits = 0;
  #expectedHits = 0;

  constructor(options: MatchOptions, sink: TokenSink, index: BlockIndex, window: SourceWindow) {
    this.#signature = options.signature;
    this.#fullCount = fullBlockCount(options.signature);
    this.#inPlace = options.inPlace ?? false;
    this.#kept = this.#inPlace ? new Uint8Array(this.#signature.count) : undefined;
    this.#kernel = index.kernel;
    this.#plan = index.plan;
    this.#window = window;
    this.#finder = new BlockFinder(options, index);
    this.#buffer = Buffer.from(window.bytes.buffer, window.bytes.byteOffset, window.bytes.length);
    this.#at = window.start;
    this.#tokens = new TokenWriter(sink, window);
    this.#expected = this.#alignedBlock(window.start);
  }

  run(): MatchCounts {
    const length = this.#signature.count === 0 ? 1 : this.#signature.blockLength;
    while (this.#haveAhead(length)) {
      // Without full blocks nothing can match before the last, short one.
      if (this.#fullCount === 0) this.#at = this.#window.filled - (length - 1);
      else if (!this.#tryExpected()) this.#search();
    }
    this.#matchRemainder();
    const { matches, literalLength, matchedLength } = this.#tokens.finish();
    this.#window.finish();
    const { falseAlarms } = this.#finder;
    const searchHits = this.#searchHits;
    const hashHits = searchHits + this.#expectedHits;
    return { matches, hashHits, searchHits, falseAlarms, literalLength, matchedLength };
  }

  /** Sees to it that `length` bytes from #at are in the window; false at the file's end. */
  #haveAhead(length: number): boolean {
    const window = this.#window;
    if (window.filled - this.#at >= length) return true;
    if (window.ended) return false;
    this.#tokens.leave(this.#at);
    window.slideTo(this.#at);
    this.#at = window.start;
    return window.filled - this.#at >= length;
  }

  /** Takes the expected block, or the one after it when only the expected one has been edited. */
  #tryExpected(): boolean {
    const block = this.#expected;
    this.#expected = -1;
    if (block < 0 || block >= this.#fullCount) return false;
    const end = this.#at + this.#signature.blockLength;
    if (this.#inPlace && this.#shift !== 0) {
      const own = this.#ownBlock(this.#at);
      if (own >= 0 && this.#finder.isBlock(this.#at, end, own)) {
        this.#takeExpected(this.#at, own, end);
        return true;
      }
    }
    if (!this.#mayUse(block, this.#at)) return false;
    if (!this.#finder.isBlock(this.#at, end, block)) return this.#passEdited(block + 1);
    this.#takeExpected(this.#at, block, end);
    return true;
  }

  /**
   * Takes the block after an edited one, where it is expected. Not when it would look the same had it moved, and not
   * when the edited block is another block of the basis: then the search knows better.
   */
  #passEdited(next: number): boolean {
    const { blockLength } = this.#signature;
    const isMovedInPlace = this.#inPlace && this.#shift !== 0;
    if (next >= this.#fullCount || isMovedInPlace || !this.#haveAhead(2 * blockLength))
      return false;
    const start = this.#at + blockLength;
    const end = start + blockLength;
    if (!this.#mayUse(next, start) || !this.#finder.isBlock(start, end, next)) return false;
    if (this.#isKnown(this.#at) || mayRepeatItself(this.#buffer, start, end)) return false;
    this.#takeExpected(start, next, end);
    return true;
  }

  /** Takes a block that was not searched for; who searches, as rsync, meets its weak sum once. */
  #takeExpected(start: number, block: number, end: number): void {
    this.#expectedHits++;
    this.#take(start, block, end);
  }

  /** Says whether some block has the weak sum of the window at `at`. */
  #isKnown(at: number): boolean {
    const { filterMask, slots, slotShift } = this.#plan;
    const { blockLength } = this.#signature;
    const sum = this.#kernel.sum(at, at + blockLength);
    return this.#kernel.scan(at, at, blockLength, sum, filterMask, slots, slotShift) === at;
  }

  /** Says whether the block is still there when the result has been written up to `at`. */
  #mayUse(block: number, at: number): boolean {
    return block >= this.#lowestBlock(at) || this.#kept?.[block] === 1;
  }

  /** Returns the full block whose offset is the position of `at`, or -1. */
  #ownBlock(at: number): number {
    const block = this.#positionOf(at) / this.#signature.blockLength;
    return Number.isInteger(block) && block < this.#fullCount ? block : -1;
  }

  /** Rolls along from #at until a block is found or the window ends. */
  #search(): void {
    const kernel = this.#kernel;
    const { filterMask, slots, slotShift } = this.#plan;
    const { blockLength } = this.#signature;
    const { bytes, filled } = this.#window;
    const last = filled - blockLength;
    let at = this.#at;
    let sum = kernel.sum(at, at + blockLength);
    for (;;) {
      at = kernel.scan(at, last, blockLength, sum, filterMask, slots, slotShift);
      if (at > last) break;
      sum = kernel.lastSum();
      this.#searchHits++;
      const unseen = this.#finder.owed(this.#positionOf(at));
      if (unseen > 0) {
        at += unseen;
        if (at > last) break;
        sum = kernel.sum(at, at + blockLength);
        continue;
      }
      const block = this.#finder.find(
        at,
        sum,
        this.#preferredBlock(at),
        this.#lowestBlock(at),
        this.#kept,
      );
      if (block >= 0) {
        this.#at = at;
        const isTaken = this.#inPlace && sum === 0 && this.#takeZerosAligned();
        if (!isTaken) this.#take(this.#at, block, this.#at + blockLength);
        return;
      }
      if (at === last) break;
      sum = rollSum(sum, blockLength, bytes[at] as number, bytes[at + blockLength] as number);
      at++;
    }
    this.#at = Math.max(at, last + 1);
  }

  /** In place, a block that need not be written is best; else the one that has the last match's shift. */
  #preferredBlock(at: number): number {
    const own = this.#inPlace ? this.#ownBlock(at) : -1;
    return own >= 0 ? own : this.#alignedBlock(at);
  }

  /**
   * Zeros that are also further along in the basis: some literal bytes bring us to a block's own offset, from where
   * on nothing needs writing (rsync's match.c does the same). False = there are none, or too far ahead.
   */
  #takeZerosAligned(): boolean {
    const { blockLength } = this.#signature;
    const over = this.#positionOf(this.#at) % blockLength;
    if (over === 0 || !this.#haveAhead(2 * blockLength - over)) return false;
    const start = this.#at + blockLength - over;
    const block = this.#ownBlock(start);
    const end = start + blockLength;
    if (block < 0 || !this.#finder.isBlock(start, end, block)) return false;
    this.#take(start, block, end);
    return true;
  }

  /** The last, short block can only be the file's end. */
  #matchRemainder(): void {
    const { remainder, count, weak } = this.#signature;
    const { filled } = this.#window;
    const at = filled - remainder;
    const block = count - 1;
    if (remainder === 0 || at < this.#at || !this.#mayUse(block, at)) return;
    if (this.#kernel.sum(at, filled) >>> 0 !== weak[block]) return;
    this.#searchHits++;
    if (this.#finder.isBlock(at, filled, block)) this.#take(at, block, filled);
    else this.#finder.falseAlarms++;
  }

  #positionOf(at: number): number {
    return this.#window.position + (at - this.#window.start);
  }

  /** Returns the full block that is at `at` when nothing has moved since the last match, or -1. */
  #alignedBlock(at: number): number {
    const block = (this.#positionOf(at) + this.#shift) / this.#signature.blockLength;
    return Number.isInteger(block) && block >= 0 && block < this.#fullCount ? block : -1;
  }

  /** Returns the first block that may be used at `at`. */
  #lowestBlock(at: number): number {
    return this.#inPlace ? Math.ceil(this.#positionOf(at) / this.#signature.blockLength) : 0;
  }

  #take(at: number, block: number, end: number): void {
    this.#tokens.block(at, block, end);
    this.#shift = block * this.#signature.blockLength - this.#positionOf(at);
    if (this.#kept !== undefined && this.#shift === 0) this.#kept[block] = 1;
    this.#at = end;
    this.#expected = block + 1;
  }
}
