// Decides which block of the basis a window of bytes is.
//
// Cost is bounded for any input, however many blocks share a weak sum. A chain is followed
// CHAIN_MAX candidates far (rsync 3.5 stops at 1024 too), and confirming in vain is paid from a
// credit that grows with the bytes passed; without credit, windows are passed unseen. Natural files
// do not come near that: with blocks by rsync's rule, a file of 16 GiB without any match uses up
// about 4 bytes of credit for each byte, a smaller one less.

import { assert } from "../base/index.ts";
import type { BlockHash, DigestName, RollingKernel } from "../hash/index.ts";
import type { BlockIndex } from "./block-index.ts";
import { blockHashOf, type Signature } from "./signature.ts";
import { firstBlockWith } from "./sum-index.ts";

/** Tells whether bytes[start, end) are the bytes of that block of the basis. */
export type Confirm = (bytes: Uint8Array, start: number, end: number, block: number) => boolean;

/** With shorter strong sums the weak sum must agree as well. */
const CONVINCING_LENGTH = 16;
/** How far a chain of equal weak sums is followed. */
const CHAIN_MAX = 1024;
/** The same where each candidate means reading a block of the basis. */
const CONFIRM_CHAIN_MAX = 16;
/** Bytes that may be confirmed in vain for each byte passed: costs about four times the search. */
const CREDIT_PER_BYTE = 32;
/** What a vain confirmation costs beside its bytes: a call into native code. */
const CONFIRM_COST = 4096;
/** What each candidate of a chain costs beside that: 16 bytes to compare. */
const CANDIDATE_COST = 16;
/** Credit to begin with, and to keep at most. */
const CREDIT_MAX = 64 << 20;

/** What a finder works on. */
export interface FinderOptions {
  readonly signature: Signature;
  readonly confirm?: Confirm | undefined;
  readonly hash?: DigestName | BlockHash | undefined;
}

/** Finds the blocks of one signature by an index of them. */
export class BlockFinder {
  /** Candidates that were not confirmed. */
  falseAlarms = 0;
  readonly #signature: Signature;
  readonly #confirm: Confirm | undefined;
  /** Undefined = bytes are compared; what hashes need not be loaded then. */
  readonly #hash: BlockHash | undefined;
  readonly #index: BlockIndex;
  readonly #kernel: RollingKernel;
  readonly #scratch: Uint8Array;
  #credit = CREDIT_MAX;
  /** The position in the file up to which credit has been given. */
  #creditedTo = 0;

  constructor(options: FinderOptions, index: BlockIndex) {
    const { signature, confirm, hash } = options;
    assert(
      signature.strongLength > 0 || confirm !== undefined,
      "a signature without strong sums needs a way to confirm",
    );
    this.#signature = signature;
    this.#confirm = confirm;
    this.#hash = confirm === undefined ? blockHashOf(hash) : undefined;
    this.#index = index;
    this.#kernel = index.kernel;
    this.#scratch = new Uint8Array(signature.strongLength);
  }

  /** Tells whether memory[at, end) is that block, without a weak sum at hand. */
  isBlock(at: number, end: number, block: number): boolean {
    const { bytes } = this.#kernel;
    if (this.#confirm !== undefined) return this.#confirm(bytes, at, end, block);
    const { strongLength, weak } = this.#signature;
    if (strongLength < CONVINCING_LENGTH && this.#kernel.sum(at, end) >>> 0 !== weak[block]) {
      return false;
    }
    this.#hash?.(this.#scratch, 0, strongLength, bytes, at, end);
    return this.#hashedIs(block);
  }

  /**
   * Returns how many windows must pass unseen before find() at `position` is paid for; 0: none.
   * Positions may not decrease.
   */
  owed(position: number): number {
    const earned = (position - this.#creditedTo) * CREDIT_PER_BYTE;
    this.#credit = Math.min(this.#credit + earned, CREDIT_MAX);
    this.#creditedTo = position;
    const { blockLength } = this.#signature;
    const missing = blockLength + CONFIRM_COST - this.#credit;
    return Math.max(0, Math.min(Math.ceil(missing / CREDIT_PER_BYTE), blockLength));
  }

  /**
   * Returns the full block that memory[at, at + blockLength) is, or -1. `sum` is its weak sum;
   * `preferred` is tried first (-1: none). Blocks below `lowest` are not tried at all but for those that
   * `kept` marks; a block that may not be tried once may never be.
   */
  find(at: number, sum: number, preferred: number, lowest: number, kept?: Uint8Array): number {
    const { weak, blockLength, strongLength } = this.#signature;
    const end = at + blockLength;
    const isCompared = this.#confirm !== undefined;
    this.#hash?.(this.#scratch, 0, strongLength, this.#kernel.bytes, at, end);
    const mayPrefer = preferred >= lowest || kept?.[preferred] === 1;
    if (mayPrefer && weak[preferred] === sum >>> 0 && this.#try(at, end, preferred)) {
      return preferred;
    }
    let left = isCompared ? CONFIRM_CHAIN_MAX : CHAIN_MAX;
    const { plan, chains } = this.#index;
    let block = firstBlockWith(this.#kernel, plan, chains, sum, lowest, kept);
    for (; block >= 0 && left > 0; block = chains[block] as number, left--) {
      if (block < lowest && kept?.[block] !== 1) continue;
      if (block !== preferred && this.#try(at, end, block)) return block;
    }
    if (!isCompared) this.#credit -= blockLength + CONFIRM_COST;
    return -1;
  }

  /** One candidate; the window has been hashed if that is how we confirm. */
  #try(at: number, end: number, block: number): boolean {
    if (this.#confirm === undefined) {
      if (this.#hashedIs(block)) return true;
      this.#credit -= CANDIDATE_COST;
    } else {
      if (this.#confirm(this.#kernel.bytes, at, end, block)) return true;
      this.#credit -= end - at + CONFIRM_COST;
    }
    this.falseAlarms++;
    return false;
  }

  #hashedIs(block: number): boolean {
    const { strong, strongLength } = this.#signature;
    const from = block * strongLength;
    for (let index = 0; index < strongLength; index++) {
      if (this.#scratch[index] !== strong[from + index]) return false;
    }
    return true;
  }
}
