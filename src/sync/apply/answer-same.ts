// The answer to a question about many files: which of them are what the target's end has.

import type { DirHandle } from "../../fs/index.ts";
import {
  askedDigestBytes,
  askedTwiceBytesMin,
  compareRows,
  hasRow,
  type RowDigests,
  type SameAnswer,
  setRow,
  type WantedFile,
} from "../../session/index.ts";
import { batchBytes, digestMany } from "./digest-many.ts";
import type { Reading } from "./read-piece.ts";

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
  question: RowDigests,
  { dir, isSimple, isSame }: Ways,
): Answered {
  const { first, bits, digests } = question;
  const end = Math.min(listing.count, first + bits.length * 8);
  const rows: number[] = [];
  for (let row = first; dir !== undefined && row < end; row++) {
    const isMany = hasRow(question, row) && (listing.size[row] as number) <= batchBytes;
    if (isMany && isSimple(row)) rows.push(row);
  }
  const read = dir === undefined ? undefined : digestMany(lane, { fs, dir }, listing, rows);
  const { same, others } = compareRows(question, read ?? { first, ...none });
  const wanted: WantedFile[] = [];
  let at = 0;
  for (let row = first; row < end; row++) {
    if (!hasRow(question, row)) continue;
    const isOther = hasRow(others, row);
    if (isOther && (listing.size[row] as number) < askedTwiceBytesMin) wanted.push(wishFor(row));
    if (!isOther && !hasRow(same, row)) {
      if (isSame(wishFor(row, digests.slice(at, at + askedDigestBytes)))) setRow(same, row);
    }
    at += askedDigestBytes;
  }
  return { same, wanted };
}

const none = { bits: new Uint8Array(0), digests: new Uint8Array(0) };

/** Returns a wish for a file, or for nothing but an answer as what it is. */
function wishFor(row: number, digest?: Uint8Array): WantedFile {
  const piece = digest && { position: 0, length: 0 };
  return { row, digest, known: [], signature: undefined, inPlace: false, piece };
}
