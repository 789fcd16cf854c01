// Copies the content of an open source file into an open staged file of the same machine: one read
// and one write for small files, inside the kernel for large ones .

import { type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";
import { largePieceBytes } from "./pieces.ts";

/** Below this a read and a write beat copy_file_range: measured 16 us against 21 us for 14 KB in tmpfs. */
const smallBytesMax = 256 * 1024;

const buffer = new Uint8Array(smallBytesMax);

/**
 * Copies bytes `from` up to `to` of the source to the same positions of the target and returns how many there were:
 * fewer when the source is shorter than announced, never more.
 */
export function copyContent(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  from: number,
  to: number,
): number {
  const { fs } = context;
  if (to - from <= smallBytesMax) return copyThroughMemory(context, source, target, from, to);
  let position = from;
  while (position < to) {
    const wanted = Math.min(to - position, context.stepBytes);
    context.advance(0);
    const copied = copyInKernel(context, source, target, position, wanted);
    if (copied < 0)
      return position - from + copyThroughMemory(context, source, target, position, to);
    if (copied === 0) break;
    // What comes from elsewhere comes in pieces that are shorter than a step.
    context.pace(copied);
    position += copied;
  }
  // Zero also is what some kernels say of files that have no length until they are read (/proc).
  if (position < to && fs.read(source, buffer, 0, 1, position) > 0)
    return position - from + copyThroughMemory(context, source, target, position, to);
  return position - from;
}

/** Returns -1 also for input/output errors: reading and writing then tells on which side they are. */
function copyInKernel(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  position: number,
  length: number,
): number {
  try {
    return context.fs.copyRange(source, position, target, position, length);
  } catch (error) {
    if (error instanceof FsError && error.code === "EIO") return -1;
    throw error;
  }
}

/** The same by reading and writing. */
export function copyThroughMemory(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  from: number,
  to: number,
): number {
  const { fs } = context;
  const stepBytes = Math.min(smallBytesMax, context.stepBytes);
  let position = from;
  while (position < to) {
    const wanted = Math.min(to - position, stepBytes);
    context.pace(wanted);
    const got = fs.read(source, buffer, 0, wanted, position);
    if (got === 0) break;
    fs.write(target, buffer, 0, got, position);
    position += got;
  }
  return position - from;
}

/**
 * Copies the first `size` bytes where the target's own differ; what agrees is left alone, as far as each of the pieces
 * does from its start on in which an earlier run wrote the file. Returns how many bytes there were, and how many of them
 * the target had.
 */
export function copyDiffering(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  size: number,
): { length: number; matched: number } {
  let matched = 0;
  for (let start = 0; start < size; start += largePieceBytes) {
    const end = Math.min(start + largePieceBytes, size);
    const same = commonPrefix(context, source, target, end, start);
    matched += same;
    const length = same + copyContent(context, source, target, start + same, end);
    if (length < end - start) return { length: start + length, matched };
  }
  return { length: size, matched };
}

const comparedBytes = 128 * 1024;
const half = Buffer.from(buffer.buffer, 0, comparedBytes);
const otherHalf = Buffer.from(buffer.buffer, comparedBytes, comparedBytes);

/** Returns how many bytes agree from `start` on, up to `end`, to the last whole piece that does. */
export function commonPrefix(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  end: number,
  start = 0,
): number {
  const { fs } = context;
  let position = start;
  while (position < end) {
    const wanted = Math.min(end - position, comparedBytes);
    const mine = fs.read(source, half, 0, wanted, position);
    const theirs = readWritten(fs, target, wanted, position);
    if (mine === 0 || mine !== theirs || half.compare(otherHalf, 0, theirs, 0, mine) !== 0) break;
    context.advance(mine);
    position += mine;
  }
  return position - start;
}

/** Reads what was written; trouble with that is the target's, which "pread" would not be taken for. */
function readWritten(fs: FileSystem, target: FileHandle, wanted: number, position: number): number {
  try {
    return fs.read(target, otherHalf, 0, wanted, position);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new FsError(error.errno, "read", error.path);
  }
}
