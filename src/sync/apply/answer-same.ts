// The answer to a question about many files: which of them are what the target's end has.

import type { DirHandle } from "../../fs/index.ts";
import {
  askedDigestBytes,
  hasRow,
  rowBits,
  type SameAnswer,
  type SameQuestion,
  setRow,
  type WantedFile,
} from "../../session/index.ts";
import { batchBytes, digestMany } from "./digest-many.ts";
import type { Reading } from "./read-piece.ts";

/** Smaller files come at once if they are not the same: whole, they are hardly more than a second question and answer. */
const atOnceBytesMax = 4096;

/** What is said to a question. */
export interface Answered {
  readonly same: SameAnswer;
  /** Files that are others, and so small that they are sent unasked. */
  readonly wanted: readonly WantedFile[];
}

/** How files are read. */
interface Ways {
  /** Where those stand that can be read many at a time; undefined = none can. */
  readonly dir: DirHandle | undefined;
  readonly isSimple: (row: number) => boolean;
  /** Says of another one whether it is what the wish tells of. */
  readonly isSame: (wish: WantedFile) => boolean;
}

/** Answers a question. */
export function answerSame(
  { lane, content: { fs }, listing }: Reading,
  question: SameQuestion,
  { dir, isSimple, isSame }: Ways,
): Answered {
  const { first, bits, digests: told } = question;
  const end = Math.min(listing.count, first + bits.length * 8);
  const same = rowBits(first, end - first);
  const wanted: WantedFile[] = [];
  const rows: number[] = [];
  const places: number[] = [];
  let place = 0;
  const toldAt = (at: number): Uint8Array => told.subarray(at, at + askedDigestBytes);
  for (let row = first; row < end; row++) {
    if (!hasRow(question, row)) continue;
    if (dir !== undefined && (listing.size[row] as number) <= batchBytes && isSimple(row)) {
      rows.push(row);
      places.push(place);
    } else if (isSame(wishFor(row, toldAt(place).slice()))) setRow(same, row);
    place += askedDigestBytes;
  }
  if (dir === undefined) return { same, wanted };
  const digests = new Uint8Array(rows.length * askedDigestBytes);
  const known = digestMany(lane, { fs, dir }, listing, rows, digests, askedDigestBytes);
  rows.forEach((row, k) => {
    const at = places[k] as number;
    if (known[k] === 0) {
      if (isSame(wishFor(row, toldAt(at).slice()))) setRow(same, row);
    } else if (isEqual(digests, k * askedDigestBytes, told, at)) setRow(same, row);
    else if ((listing.size[row] as number) < atOnceBytesMax) wanted.push(wishFor(row));
  });
  return { same, wanted };
}

/** Compares two digests where they stand. */
function isEqual(one: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean {
  for (let i = 0; i < askedDigestBytes; i++) if (one[at + i] !== other[otherAt + i]) return false;
  return true;
}

/** Returns a wish for a file, or for nothing but an answer as what it is. */
function wishFor(row: number, digest?: Uint8Array): WantedFile {
  const piece = digest && { position: 0, length: 0 };
  return { row, digest, known: [], signature: undefined, inPlace: false, piece };
}
