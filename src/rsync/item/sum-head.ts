// The sums of a basis's blocks as they are requested with: a head of four numbers, and two sums for each block.

import {
  BLOCK_LENGTH_MAX,
  type BlockLayout,
  emptySignature,
  type Signature,
} from "../../delta/index.ts";
import { type WireCursor, within } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** Bytes of all sums of one file that are taken. */
const sumBytesMax = 512 * 1024 * 1024;
const weakBytes = 4;
const headBytes = 16;

/** The four numbers. All zero: there is no basis. */
export interface SumHead {
  readonly count: number;
  readonly blockLength: number;
  readonly strongLength: number;
  readonly remainder: number;
}

/** There is no basis. */
export const noSums: SumHead = { count: 0, blockLength: 0, strongLength: 0, remainder: 0 };

/** Returns the head of a signature. */
export function headOf(signature: BlockLayout & Pick<Signature, "strongLength">): SumHead {
  const { count, blockLength, strongLength, remainder } = signature;
  return count === 0 ? noSums : { count, blockLength, strongLength, remainder };
}

/** Writes a head. */
export function encodeSumHead(writer: WireWriter, head: SumHead): void {
  writer.int(head.count);
  writer.int(head.blockLength);
  writer.int(head.strongLength);
  writer.int(head.remainder);
}

/** Reads a head; `digestBytes`: those of the checksum. */
export function decodeSumHead(cursor: WireCursor, digestBytes: number): SumHead {
  const count = cursor.intWithin("the count of blocks", 0, 0x7fff_ffff);
  const blockLength = cursor.intWithin("a block's length", count > 0 ? 1 : 0, BLOCK_LENGTH_MAX);
  const strongLength = cursor.intWithin("a sum's length", 0, digestBytes);
  const remainder = cursor.intWithin("the last block's length", 0, blockLength);
  within("bytes of sums", count * (weakBytes + strongLength), 0, sumBytesMax);
  return { count, blockLength, strongLength, remainder };
}

/** Says whether two heads are about the same blocks. */
export function isSameBasis(a: SumHead, b: SumHead): boolean {
  return a.count === b.count && a.blockLength === b.blockLength && a.remainder === b.remainder;
}

/** Length of the basis that a head is about. */
export function basisLength({ count, blockLength, remainder }: SumHead): number {
  return count * blockLength - (remainder === 0 ? 0 : blockLength - remainder);
}

/** Writes the sums behind the head. */
export function encodeSums(
  writer: WireWriter,
  { count, weak, strong, strongLength }: Signature,
): void {
  for (let i = 0; i < count; i++) {
    writer.int(weak[i] as number);
    writer.raw(strong.subarray(i * strongLength, (i + 1) * strongLength));
  }
}

/** Takes the sums behind a head, as they come. */
export class SumReader {
  readonly signature: Signature;
  #next = 0;

  constructor(head: SumHead) {
    const { count, blockLength, strongLength } = head;
    const remainder = head.remainder === blockLength ? 0 : head.remainder;
    const layout = { fileLength: basisLength(head), blockLength, count, remainder };
    this.signature = emptySignature(layout, strongLength);
  }

  /** Reads what is there of them; says whether all have come. */
  read(cursor: WireCursor): boolean {
    const { count, strongLength, weak, strong } = this.signature;
    const each = weakBytes + strongLength;
    for (; this.#next < count && cursor.left >= each; this.#next++) {
      weak[this.#next] = cursor.int();
      strong.set(cursor.view(strongLength), this.#next * strongLength);
    }
    return this.#next === count;
  }
}

/** Bytes that the head and sums of a basis take. */
export function sumsBytes({ count, strongLength }: SumHead): number {
  return headBytes + count * (weakBytes + strongLength);
}
