// Finds the blocks of a basis in another file: the rsync algorithm's search.
//
//   after a match, the next block of the basis is expected at the next byte: only confirm it
//   else roll the weak sum along until the index knows it; try the block that has the last match's
//   shift first, then the others with that sum; no block: one byte further
//
// So a long unchanged stretch costs one strong hash (or one comparison) of its bytes and nothing
// else. Source: rsync technical report, section 4; Tridgell's thesis, section 3.2. Which of several
// right matches is found does not matter for the result.

import { type RollingKernel, rollSum } from "../hash/index.ts";
import { BlockFinder, type FinderOptions } from "./block-finder.ts";
import { fullBlockCount } from "./block-layout.ts";
import { returnKernel, takeKernel } from "./kernel-pool.ts";
import type { Signature } from "./signature.ts";
import { SourceWindow } from "./source-window.ts";
import type { Observe, ReadAt, TokenSink } from "./stream.ts";
import { type IndexPlan, planIndex } from "./sum-index.ts";

/**
 * What is matched with what, and how: the basis's `signature`, the `hash` of its strong sums
 * (default blake3), and `confirm`, which is asked instead of them and required where there are none.
 */
export interface MatchOptions extends FinderOptions {
  /** The file to describe. */
  readonly read: ReadAt;
  /** The part of it to describe; default: all. Blocks across its ends are not found. */
  readonly start?: number;
  readonly end?: number;
  /**
   * The result will overwrite the basis from its start on: a block may only be used at or before
   * its own offset, as what lies before is overwritten by then, or when it was found at its own
   * offset before, where it stays.
   */
  readonly inPlace?: boolean;
  /** Sees every byte of the file once, in order: for a digest of all, or to write a local copy. */
  readonly observe?: Observe | undefined;
}

/** What a match found; the numbers of rsync's --debug=deltasum and --stats. */
export interface MatchCounts {
  /** Blocks found. */
  readonly matches: number;
  /** Windows whose weak sum the index knew. */
  readonly hashHits: number;
  /** Candidates that were not confirmed. */
  readonly falseAlarms: number;
  readonly literalLength: number;
  readonly matchedLength: number;
}

/** What is read at once: stays in the second-level cache while it is searched. */
const WINDOW_LENGTH = 256 << 10;

/**
 * Reads the file once, from its start to its end, and tells the sink how to make it from the basis.
 * Neighbouring blocks come as one copy(); literals come in pieces of at most the window's length.
 * The same tokens come out however the reads are cut. Memory: the window (256 to 512 KiB) and 28 to
 * 52 bytes a block.
 */
export function matchBlocks(options: MatchOptions, sink: TokenSink): MatchCounts {
  const { signature } = options;
  const plan = planIndex(fullBlockCount(signature));
  const capacity = Math.max(WINDOW_LENGTH, 4 * signature.blockLength);
  const kernel = takeKernel(plan.windowStart + capacity);
  const window = new SourceWindow(kernel.bytes, plan.windowStart, capacity, {
    read: options.read,
    start: options.start ?? 0,
    end: options.end ?? Number.MAX_SAFE_INTEGER,
    observe: options.observe,
  });
  const counts = new Matcher(options, sink, { kernel, plan, window }).run();
  returnKernel(kernel);
  return counts;
}

interface Workplace {
  readonly kernel: RollingKernel;
  readonly plan: IndexPlan;
  readonly window: SourceWindow;
}

class Matcher {
  readonly #signature: Signature;
  readonly #fullCount: number;
  readonly #inPlace: boolean;
  /** In place: 1 for each block that was found at its own offset. */
  readonly #kept: Uint8Array | undefined;
  readonly #sink: TokenSink;
  readonly #kernel: RollingKernel;
  readonly #plan: IndexPlan;
  readonly #window: SourceWindow;
  readonly #finder: BlockFinder;
  /** Where in the window the search is; everything before it is decided. */
  #at: number;
  /** Where in the window the literal bytes start that the sink has not got. */
  #literalStart: number;
  /** The run of blocks that the sink has not got. */
  #runFirst = 0;
  #runCount = 0;
  /** The block expected at #at, or -1. */
  #expected: number;
  /** Offset in the basis minus position in the file at the last match. */
  #shift = 0;
  #matches = 0;
  #hashHits = 0;
  #literalLength = 0;
  #matchedLength = 0;

  constructor(options: MatchOptions, sink: TokenSink, place: Workplace) {
    this.#signature = options.signature;
    this.#fullCount = fullBlockCount(options.signature);
    this.#inPlace = options.inPlace ?? false;
    this.#kept = this.#inPlace ? new Uint8Array(this.#signature.count) : undefined;
    this.#sink = sink;
    this.#kernel = place.kernel;
    this.#plan = place.plan;
    this.#window = place.window;
    this.#finder = new BlockFinder(options, place.kernel, place.plan);
    this.#at = place.window.start;
    this.#literalStart = place.window.start;
    this.#expected = this.#alignedBlock(place.window.start);
  }

  run(): MatchCounts {
    const length = this.#signature.count === 0 ? 1 : this.#signature.blockLength;
    while (this.#haveAhead(length)) {
      // Without full blocks nothing can match before the last, short one.
      if (this.#fullCount === 0) this.#at = this.#window.filled - (length - 1);
      else if (this.#expected < 0 || !this.#tryExpected()) this.#search();
    }
    this.#matchRemainder();
    this.#flushLiteral(this.#window.filled);
    this.#flushRun();
    this.#window.finish();
    return {
      matches: this.#matches,
      hashHits: this.#hashHits,
      falseAlarms: this.#finder.falseAlarms,
      literalLength: this.#literalLength,
      matchedLength: this.#matchedLength,
    };
  }

  /** Sees to it that `length` bytes from #at are in the window; false at the file's end. */
  #haveAhead(length: number): boolean {
    const window = this.#window;
    if (window.filled - this.#at >= length) return true;
    if (window.ended) return false;
    this.#flushLiteral(this.#at);
    window.slideTo(this.#at);
    this.#at = window.start;
    this.#literalStart = window.start;
    return window.filled - this.#at >= length;
  }

  #tryExpected(): boolean {
    const block = this.#expected;
    this.#expected = -1;
    if (block >= this.#fullCount) return false;
    const end = this.#at + this.#signature.blockLength;
    if (this.#inPlace && this.#shift !== 0) {
      const own = this.#ownBlock(this.#at);
      if (own >= 0 && this.#finder.isBlock(this.#at, end, own)) {
        this.#take(this.#at, own, end);
        return true;
      }
    }
    if (!this.#mayUse(block, this.#at) || !this.#finder.isBlock(this.#at, end, block)) return false;
    this.#take(this.#at, block, end);
    return true;
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
      this.#hashHits++;
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
    this.#hashHits++;
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
    this.#flushLiteral(at);
    if (this.#runCount === 0 || block !== this.#runFirst + this.#runCount) {
      this.#flushRun();
      this.#runFirst = block;
    }
    this.#runCount++;
    this.#shift = block * this.#signature.blockLength - this.#positionOf(at);
    if (this.#kept !== undefined && this.#shift === 0) this.#kept[block] = 1;
    this.#at = end;
    this.#literalStart = end;
    this.#expected = block + 1;
    this.#matches++;
    this.#matchedLength += end - at;
  }

  #flushLiteral(end: number): void {
    const start = this.#literalStart;
    if (start >= end) return;
    this.#flushRun();
    this.#sink.literal(this.#window.bytes, start, end);
    this.#literalLength += end - start;
    this.#literalStart = end;
  }

  #flushRun(): void {
    if (this.#runCount === 0) return;
    this.#sink.copy(this.#runFirst, this.#runCount);
    this.#runCount = 0;
  }
}
