// The signature of a file that is open, as records.

import type { ChangesetWriter } from "../../changeset/index.ts";
import { computeSignature } from "../../delta/index.ts";
import type { FileHandle, FileSystem } from "../../fs/index.ts";

/** Blocks in one record. */
const blocksAtOnce = 32 * 1024;

/** What is signed. */
export interface SignedFile {
  readonly fs: FileSystem;
  /** The caller's to close. */
  readonly file: FileHandle;
  /** Bytes that it is known to have. */
  readonly size: number;
}

/**
 * Writes the sums of a file's blocks for row `index` of the record before; nothing if it has not the size any more:
 * whoever applies the changes will find that out. Throws FsError.
 */
export function writeSignature(
  writer: ChangesetWriter,
  index: number,
  { fs, file, size }: SignedFile,
): void {
  const signature = computeSignature({
    read: (into, offset, length, position) => fs.read(file, into, offset, length, position),
    fileLength: size,
    hash: writer.header.digest,
  });
  if (signature.fileLength !== size) return;
  const { blockLength, strongLength, count, weak, strong } = signature;
  for (let first = 0; first < count; first += blocksAtOnce) {
    const end = Math.min(first + blocksAtOnce, count);
    writer.signature({
      index,
      basisLength: size,
      blockLength,
      strongLength,
      firstBlock: first,
      weak: weak.subarray(first, end),
      strong: strong.subarray(first * strongLength, end * strongLength),
    });
  }
}
