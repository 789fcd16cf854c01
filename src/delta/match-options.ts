// What matching is asked for and what it tells.

import type { FinderOptions } from "./block-finder.ts";
import type { BlockIndex } from "./block-index.ts";
import type { Observe, ReadAt } from "./stream.ts";

/**
 * What is matched with what, and how: the basis's `signature`, the `hash` of its strong sums
 * (default blake3), and `confirm`, which is asked instead of them and required where there are none.
 */
export interface MatchOptions extends FinderOptions {
  /** The file to describe. */
  readonly read: ReadAt;
  /** The signature's index, to be used again; not with `inPlace`. Default: one is made and closed. */
  readonly index?: BlockIndex | undefined;
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
  /** Windows whose weak sum the basis has, blocks that were where they are expected included. */
  readonly hashHits: number;
  /** Of those, the ones that had to be searched for. */
  readonly searchHits: number;
  /** Candidates that were not confirmed. */
  readonly falseAlarms: number;
  readonly literalLength: number;
  readonly matchedLength: number;
}
