// Where receive gets its changeset from: bytes that come once, or an open file whose bytes can be had
// again, by any thread and from any position on.

import { readDescriptor } from "../../fs/index.ts";

/** An open file; it stays the same one whatever its name leads to meanwhile. */
export interface InputFile {
  readonly descriptor: number;
  /** Where the changeset begins in it. */
  readonly start: number;
}

/** Where a changeset comes from. */
export interface ChangesetInput {
  /** The bytes; once, unless they are repeatable. */
  readonly pieces: () => Iterable<Uint8Array>;
  /** They can be had again, so that all of them are verified first. */
  readonly isRepeatable: boolean;
  /** The file that they are read from, where there is one. */
  readonly file?: InputFile;
}

const pieceBytes = 256 * 1024;

/** Returns the input that an open file is. */
export function fileInput(file: InputFile): ChangesetInput {
  return { pieces: () => piecesOf(file), isRepeatable: true, file };
}

/** A piece is valid until the next one is asked for. Throws FsError. */
function* piecesOf({ descriptor, start }: InputFile): Generator<Uint8Array> {
  const piece = new Uint8Array(pieceBytes);
  for (let position = start; ; ) {
    const length = readDescriptor(descriptor, piece, position);
    if (length === 0) return;
    position += length;
    yield piece.subarray(0, length);
  }
}
