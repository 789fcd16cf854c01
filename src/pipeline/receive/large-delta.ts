// A large file built from a basis by several lanes: each signs parts of the basis, and when all are
// signed each writes pieces of the file. Counts are those of one lane that does it alone: where a
// piece's end cuts a block, what the basis has of it is found by comparing.

import {
  type BlockIndex,
  closeIndex,
  layoutOf,
  openIndex,
  RangeEnds,
  type Signature,
  signBlocks,
  type TokenSink,
  weakSignature,
} from "../../delta/index.ts";
import type { FileHandle } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";
import {
  type Basis,
  BasisError,
  basisReader,
  blockLengthFor,
  shareBasis,
  writePart,
} from "./delta-content.ts";
import type { LargeBasis, LargeFile, PieceCounts } from "./pieces.ts";

/** More blocks than these are left to one lane: each lane has an index, of about 52 bytes a block. */
const blockCountMax = 1 << 19;

/** Says whether several lanes can work with a basis. */
export function canShareBasis(context: ReceiveContext, { size }: Basis): boolean {
  return layoutOf(size, blockLengthFor(context, size)).count <= blockCountMax;
}

/** Prepares a basis for several lanes, for an empty target. */
export function beginBasis(context: ReceiveContext, basis: Basis, target: FileHandle): LargeBasis {
  const { file, size } = basis;
  const blockLength = blockLengthFor(context, size);
  const sums = new SharedArrayBuffer(4 * layoutOf(size, blockLength).count);
  return { file, size, blockLength, sums, isShared: shareBasis(context, basis, target) };
}

/** Signs the blocks of a part of the basis; false = it cannot be read. The parts begin at multiples of a block's length. */
export function signPart(
  context: ReceiveContext,
  basis: LargeBasis,
  firstBlock: number,
  blockCount: number,
): boolean {
  try {
    const read = basisReader(context, basis.file);
    signBlocks(signatureOf(basis), read, { firstBlock, blockCount });
    return true;
  } catch (error) {
    if (error instanceof BasisError) return false;
    throw error;
  }
}

function signatureOf({ size, blockLength, sums }: LargeBasis): Signature {
  return weakSignature(layoutOf(size, blockLength), sums);
}

/** Keeps the index of one signed basis between pieces. One for each lane. */
export class KeptIndex {
  #key: string | undefined;
  #index: BlockIndex | undefined;

  /** Returns the index of a basis, made of its signature when it is not at hand; `key` tells bases apart. */
  of(key: string, signature: () => Signature): BlockIndex {
    if (this.#index === undefined || this.#key !== key) {
      this.close();
      this.#index = openIndex(signature());
      this.#key = key;
    }
    return this.#index;
  }

  /** Gives the memory back. */
  close(): void {
    if (this.#index !== undefined) closeIndex(this.#index);
    this.#index = undefined;
  }
}

/** A piece of a large file. */
export interface Piece {
  readonly file: Pick<LargeFile, "source" | "target" | "sparse" | "throughMemory">;
  /** Undefined = it is copied without a look at a basis. */
  readonly basis: LargeBasis | undefined;
  readonly position: number;
  readonly length: number;
}

/**
 * Writes a piece and finds out what of it the basis has; returns how many bytes there were. Undefined = there is no
 * basis to look at, or it cannot be read.
 */
export function matchPiece(
  context: ReceiveContext,
  { file, basis, position: start, length }: Piece,
  indexOf: (signature: () => Signature) => BlockIndex,
): { readonly length: number; readonly counts: PieceCounts } | undefined {
  if (basis === undefined) return undefined;
  const { fs } = context;
  const index = indexOf(() => signatureOf(basis));
  const { signature } = index;
  const ends = new RangeEnds(signature);
  const job = { ...file, basis, begins: basis.isShared ? "shared" : "empty" } as const;
  const watch = (sink: TokenSink): TokenSink => ends.watch(sink);
  try {
    const part = { signature, index, start, end: start + length, watch };
    const found = writePart(context, job, part);
    const { matchedLength, matches, hashHits, falseAlarms } = found;
    const written = found.literalLength + matchedLength;
    const shared = ends.shared({
      source: (into, offset, bytes, at) => fs.read(file.source, into, offset, bytes, at),
      basis: basisReader(context, basis.file),
      start,
      end: start + written,
    });
    const counts = { matched: matchedLength + shared, matches, hashHits, falseAlarms };
    return { length: written, counts };
  } catch (error) {
    if (error instanceof BasisError) return undefined;
    throw error;
  }
}
