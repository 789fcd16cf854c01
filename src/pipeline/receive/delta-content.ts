// Builds a file from a basis that the target has and from the source, by the rsync algorithm. Both
// are files of this machine, so that candidates are compared byte by byte and nothing is hashed, and
// what is at hand of the source is written without looking at the basis once more.

import {
  BLOCK_LENGTH_MAX,
  type BlockIndex,
  chooseBlockLength,
  compareWithBasis,
  computeSignature,
  createPatcher,
  type MatchCounts,
  matchBlocks,
  type Observe,
  type ReadAt,
  type Signature,
  type TokenSink,
} from "../../delta/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";

/** A file of the target's machine to take content from. */
export interface Basis {
  readonly file: FileHandle;
  /** Bytes of it that may be used. */
  readonly size: number;
  /** A copy that shares blocks and that nobody else knows (own-basis.ts): others can share its blocks, too. */
  readonly isOwn?: boolean;
}

/** What is to be built from a basis. */
export interface DeltaJob {
  readonly source: FileHandle;
  readonly target: FileHandle;
  readonly basis: Basis;
  /** How the target stands to the basis: it is empty, has the same blocks already, or is the same file. */
  readonly begins: "empty" | "shared" | "in-place";
}

/** Thrown when the basis could not be read: the file can still be had whole. */
export class BasisError extends Error {
  override readonly name = "BasisError";
}

/** Returns the block length for a basis. */
export function blockLengthFor(context: ReceiveContext, basisSize: number): number {
  const { blockLength } = context.options.content;
  return Math.min(blockLength ?? chooseBlockLength(basisSize), BLOCK_LENGTH_MAX);
}

/**
 * Writes the source's content into the target, from its start on, and returns what was found. Reads the source to
 * its end, wherever that is by then; the target keeps what lies beyond. Throws BasisError.
 */
export function buildFromBasis(context: ReceiveContext, job: DeltaJob): MatchCounts {
  const { basis } = job;
  const signature = computeSignature({
    read: basisReader(context, basis.file),
    fileLength: basis.size,
    blockLength: blockLengthFor(context, basis.size),
    strongLength: 0,
  });
  return writePart(context, job, { signature });
}

/**
 * Lets an empty target share all blocks of the basis; false where that cannot be. Only with a basis of our own: what is not
 * written because the basis has it must be what the target got.
 */
export function shareBasis({ fs }: ReceiveContext, basis: Basis, target: FileHandle): boolean {
  return basis.isOwn === true && fs.clone(basis.file, target);
}

/** What is matched: the basis's blocks, and the part of the source (default: all). */
export interface MatchedPart {
  readonly signature: Signature;
  readonly index?: BlockIndex;
  readonly start?: number;
  readonly end?: number;
  /** Puts itself before what takes the tokens. */
  readonly watch?: (sink: TokenSink) => TokenSink;
}

/** Writes a part of the source to the same place of the target and tells what of it the basis has. Throws BasisError. */
export function writePart(context: ReceiveContext, job: DeltaJob, part: MatchedPart): MatchCounts {
  const { fs } = context;
  const { source, target, basis, begins } = job;
  const readBasis = basisReader(context, basis.file);
  const options = {
    ...part,
    read: sourceReader(context, source),
    confirm: compareWithBasis(part.signature, readBasis),
  };
  const watched = (sink: TokenSink): TokenSink => part.watch?.(sink) ?? sink;
  if (begins === "empty") {
    let position = part.start ?? 0;
    const observe: Observe = (bytes, start, end) => {
      fs.write(target, bytes, start, end - start, position);
      position += end - start;
    };
    return matchBlocks({ ...options, observe }, watched(throttledSink(context)));
  }
  const inPlace = begins === "in-place";
  const patcher = createPatcher({
    layout: part.signature,
    read: readBasis,
    start: part.start ?? 0,
    inPlace,
    startsAsBasis: true,
    write: (bytes, start, end, position) => {
      context.throttle(end - start);
      fs.write(target, bytes, start, end - start, position);
    },
    copyRange: (offset, position, length) =>
      !inPlace &&
      length >= kernelCopyBytesMin &&
      copyMatched(context, job, { offset, position, length }),
  });
  return matchBlocks({ ...options, inPlace }, watched(patcher));
}

/** Lets literal bytes count for the rate; they are written with all others. */
function throttledSink(context: ReceiveContext): TokenSink {
  return {
    copy: () => undefined,
    literal: (_bytes, start, end) => context.throttle(end - start),
  };
}

/** Below this a copy through memory beats a call of copy_file_range and its set-up. */
const kernelCopyBytesMin = 64 * 1024;

/** Copies inside the kernel, which shares blocks where they lie right; false when it does not copy. */
function copyMatched(
  context: ReceiveContext,
  { basis, target }: DeltaJob,
  range: { offset: number; position: number; length: number },
): boolean {
  let done = 0;
  while (done < range.length) {
    context.advance(0);
    const wanted = Math.min(range.length - done, context.stepBytes);
    const from = range.offset + done;
    const to = range.position + done;
    const copied = context.fs.copyRange(basis.file, from, target, to, wanted);
    // What was copied until then is written once more, which does no harm.
    if (copied <= 0) return false;
    done += copied;
  }
  return true;
}

function sourceReader(context: ReceiveContext, file: FileHandle): ReadAt {
  return (into, offset, length, position) => {
    const got = context.fs.read(file, into, offset, length, position);
    context.advance(got);
    return got;
  };
}

/** Reads a basis; its troubles are BasisErrors. */
export function basisReader(context: ReceiveContext, file: FileHandle): ReadAt {
  return (into, offset, length, position) => {
    try {
      return context.fs.read(file, into, offset, length, position);
    } catch (error) {
      if (error instanceof FsError) throw new BasisError(error.message, { cause: error });
      throw error;
    }
  };
}
