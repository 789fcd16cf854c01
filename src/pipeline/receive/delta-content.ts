// Builds a file from a basis that the target has and from the source, by the rsync algorithm. Both
// are files of this machine, so that candidates are compared byte by byte and nothing is hashed.

import {
  BLOCK_LENGTH_MAX,
  chooseBlockLength,
  compareWithBasis,
  computeSignature,
  createPatcher,
  type MatchCounts,
  matchBlocks,
} from "../../delta/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";

/** A file of the target's machine to take content from. */
export interface Basis {
  readonly file: FileHandle;
  /** Bytes of it that may be used. */
  readonly size: number;
}

/** What is to be built from a basis. */
export interface DeltaJob {
  readonly source: FileHandle;
  readonly target: FileHandle;
  readonly basis: Basis;
  /** The basis is the target: it is overwritten while it is read. */
  readonly inPlace: boolean;
}

/** Thrown when the basis could not be read: the file can still be had whole. */
export class BasisError extends Error {
  override readonly name = "BasisError";
}

/** Below this a copy through memory beats a call of copy_file_range and its set-up. */
const kernelCopyBytesMin = 64 * 1024;

/**
 * Writes the source's content into the target, from its start on, and returns what was found. Reads the source to
 * its end, wherever that is by then; the target keeps what lies beyond. Throws BasisError.
 */
export function buildFromBasis(context: ReceiveContext, job: DeltaJob): MatchCounts {
  const { fs } = context;
  const { source, target, basis, inPlace } = job;
  const readBasis = reader(context, basis.file);
  const blockLength = Math.min(
    context.options.content.blockLength ?? chooseBlockLength(basis.size),
    BLOCK_LENGTH_MAX,
  );
  const signature = computeSignature({
    read: readBasis,
    fileLength: basis.size,
    blockLength,
    strongLength: 0,
  });
  const patcher = createPatcher({
    layout: signature,
    read: readBasis,
    inPlace,
    write: (bytes, start, end, position) => {
      context.throttle(end - start);
      fs.write(target, bytes, start, end - start, position);
    },
    copyRange: (offset, position, length) => {
      if (inPlace || length < kernelCopyBytesMin) return false;
      return copyMatched(context, job, { offset, position, length });
    },
  });
  const read = (into: Uint8Array, offset: number, length: number, position: number): number => {
    const got = fs.read(source, into, offset, length, position);
    context.advance(got);
    return got;
  };
  const confirm = compareWithBasis(signature, readBasis);
  return matchBlocks({ signature, read, confirm, inPlace }, patcher);
}

/** Copies inside the kernel, which shares blocks where the file system can; false when it does not. */
function copyMatched(
  context: ReceiveContext,
  { basis, target }: DeltaJob,
  range: { offset: number; position: number; length: number },
): boolean {
  let done = 0;
  while (done < range.length) {
    context.advance(0);
    const wanted = Math.min(range.length - done, context.stepBytes);
    const copied = context.fs.copyRange(
      basis.file,
      range.offset + done,
      target,
      range.position + done,
      wanted,
    );
    // What was copied until then is written once more, which does no harm.
    if (copied <= 0) return false;
    done += copied;
  }
  return true;
}

function reader(
  context: ReceiveContext,
  file: FileHandle,
): (into: Uint8Array, offset: number, length: number, position: number) => number {
  return (into, offset, length, position) => {
    try {
      return context.fs.read(file, into, offset, length, position);
    } catch (error) {
      if (error instanceof FsError) throw new BasisError(error.message, { cause: error });
      throw error;
    }
  };
}
