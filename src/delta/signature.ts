// Signatures: two sums for each block of a basis.
//
// The weak sum finds candidates at any offset of another file, the strong one confirms them (rsync
// technical report, section 3). A signature for use on one machine can do without strong sums:
// there candidates are confirmed by comparing bytes (basis-compare.ts).

import { assert, ManifoldError } from "../base/index.ts";
import { type BlockHash, blockHash, type DigestName, KERNEL_MEMORY_START } from "../hash/index.ts";
import { type BlockLayout, blockOffset, layoutOf, validateLayout } from "./block-layout.ts";
import { returnKernel, takeKernel } from "./kernel-pool.ts";
import { type ReadAt, readFully } from "./stream.ts";

/** The layout of a basis and the sums of its blocks; two columns, no object for each block. */
export interface Signature extends BlockLayout {
  /** The rolling checksum of each block. */
  readonly weak: Uint32Array;
  /** The first `strongLength` bytes of each block's strong digest, one block after another. */
  readonly strong: Uint8Array;
  /** Bytes of each strong sum; 0: none, matching then needs `confirm`. */
  readonly strongLength: number;
}

/** The default length of strong sums: 128 bits, so that false matches need no second pass. */
export const STRONG_LENGTH = 16;

/** Longest strong sum that is accepted from outside. */
export const STRONG_LENGTH_MAX = 64;

/** How much of the basis is read at once: in the second-level cache together with the rest. */
const READ_LENGTH = 256 << 10;

/** What a signature is made of. */
export interface SignatureOptions {
  /** The basis. */
  readonly read: ReadAt;
  /** The basis's length when it was looked at; it may have become shorter since. */
  readonly fileLength: number;
  /** Default: rsync's rule. */
  readonly blockLength?: number;
  /** 0 for matching by comparison; default STRONG_LENGTH. */
  readonly strongLength?: number;
  /** The strong hash: a name, or a function (rsync's seeded digests). Default blake3. */
  readonly hash?: DigestName | BlockHash;
}

/** Returns a signature with zeros for sums. Shared memory, if several lanes shall fill it. */
export function emptySignature(
  layout: BlockLayout,
  strongLength = STRONG_LENGTH,
  shared = false,
): Signature {
  const Memory = shared ? SharedArrayBuffer : ArrayBuffer;
  return {
    ...layout,
    weak: new Uint32Array(new Memory(4 * layout.count)),
    strong: new Uint8Array(new Memory(strongLength * layout.count)),
    strongLength,
  };
}

/** Returns the signature without strong sums whose weak sums lie in that memory, 4 bytes a block. */
export function weakSignature(layout: BlockLayout, sums: SharedArrayBuffer): Signature {
  const weak = new Uint32Array(sums);
  assert(weak.length === layout.count, "every block has a sum");
  return { ...layout, weak, strong: new Uint8Array(0), strongLength: 0 };
}

/**
 * Reads the basis and returns its signature. A basis that has become shorter than `fileLength` gets
 * the signature of what it has now, with the block length chosen before.
 */
export function computeSignature(options: SignatureOptions): Signature {
  const layout = layoutOf(options.fileLength, options.blockLength);
  const signature = emptySignature(layout, options.strongLength);
  const length = signBlocks(signature, options.read, { hash: options.hash });
  if (length === layout.fileLength) return signature;
  const shorter = layoutOf(length, layout.blockLength);
  return {
    ...shorter,
    weak: signature.weak.slice(0, shorter.count),
    strong: signature.strong.slice(0, shorter.count * signature.strongLength),
    strongLength: signature.strongLength,
  };
}

/** Which blocks signBlocks() fills in, and with what strong hash. */
export interface SignRange {
  /** Default 0. */
  readonly firstBlock?: number;
  /** Default: all from the first. */
  readonly blockCount?: number;
  readonly hash?: DigestName | BlockHash | undefined;
}

/**
 * Fills in the sums of a range of blocks; lanes may do different ranges at the same time. Returns
 * how many bytes it found: fewer than the range has when the basis has become shorter, and then the
 * sums of the last, partial block are those of what is left of it.
 */
export function signBlocks(signature: Signature, read: ReadAt, range: SignRange = {}): number {
  const { blockLength, strong, strongLength, weak, count } = signature;
  const first = range.firstBlock ?? 0;
  const end = first + (range.blockCount ?? count - first);
  assert(first >= 0 && first <= end && end <= count, "a range of blocks is inside its signature");
  const hash = strongLength > 0 ? blockHashOf(range.hash) : undefined;
  const window = KERNEL_MEMORY_START;
  const blocksAtOnce = Math.max(1, Math.floor(READ_LENGTH / Math.max(blockLength, 1)));
  const kernel = takeKernel(window + blocksAtOnce * blockLength);
  const { bytes } = kernel;
  let total = 0;
  for (let block = first; block < end; ) {
    const offset = blockOffset(signature, block);
    const wanted = blockOffset(signature, Math.min(block + blocksAtOnce, end)) - offset;
    const length = readFully(read, bytes, window, wanted, offset);
    total += length;
    for (let start = window; start < window + length; start += blockLength, block++) {
      const blockEnd = Math.min(start + blockLength, window + length);
      weak[block] = kernel.sum(start, blockEnd);
      hash?.(strong, block * strongLength, strongLength, bytes, start, blockEnd);
    }
    if (length < wanted) break;
  }
  returnKernel(kernel);
  return total;
}

/** Returns the hash that an option names, or is; default blake3. */
export function blockHashOf(hash: DigestName | BlockHash | undefined): BlockHash {
  return typeof hash === "function" ? hash : blockHash(hash ?? "blake3");
}

/** Throws a protocol-data error unless a signature that came from outside is consistent. */
export function validateSignature(signature: Signature): void {
  validateLayout(signature);
  const { count, strong, strongLength, weak } = signature;
  const fits =
    Number.isInteger(strongLength) &&
    strongLength >= 1 &&
    strongLength <= STRONG_LENGTH_MAX &&
    weak.length === count &&
    strong.length === count * strongLength;
  if (fits) return;
  throw new ManifoldError(
    "protocol-data",
    `Cannot use signature: ${count} blocks with ${weak.length} weak sums and ${strong.length} bytes of strong sums of ${strongLength} bytes`,
    { data: { count, weak: weak.length, strong: strong.length, strongLength } },
  );
}
