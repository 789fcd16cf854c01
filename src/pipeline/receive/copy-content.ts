// Copies the content of an open source file into an open staged file of the same machine: one read
// and one write for small files, inside the kernel for large ones (DESIGN section 3.4).

import type { FileHandle, FileSystem } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";

/** Below this a read and a write beat copy_file_range: measured 16 us against 21 us for 14 KB in tmpfs. */
const smallBytesMax = 256 * 1024;
/** One kernel copy; short enough that pacing, progress and cancellation get their turn. */
const pieceBytes = 8 * 1024 * 1024;

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
  if (to - from <= smallBytesMax) return copyThroughBuffer(context, source, target, from, to);
  let position = from;
  while (position < to) {
    const wanted = Math.min(to - position, pieceBytes);
    context.pace(wanted);
    const copied = fs.copyRange(source, position, target, position, wanted);
    if (copied < 0)
      return position - from + copyThroughBuffer(context, source, target, position, to);
    if (copied === 0) break;
    position += copied;
  }
  return position - from;
}

function copyThroughBuffer(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  from: number,
  to: number,
): number {
  const { fs } = context;
  let position = from;
  while (position < to) {
    const wanted = Math.min(to - position, smallBytesMax);
    context.pace(wanted);
    const got = fs.read(source, buffer, 0, wanted, position);
    if (got === 0) break;
    fs.write(target, buffer, 0, got, position);
    position += got;
  }
  return position - from;
}

/** Smallest run of zeros that is worth a hole: a page, as no file system frees less. */
const holeBytes = 4096;

/**
 * Copies like copyContent, leaving holes where the source has holes or zeros. The target must be new, or
 * already punched there; its size is set at the end.
 */
export function copySparse(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  size: number,
): number {
  const { fs } = context;
  let position = 0;
  while (position < size) {
    const data = fs.seekData(source, position);
    if (data < 0) break;
    const end = Math.min(fs.seekHole(source, data), size);
    position = copySkippingZeros(context, source, target, data, end);
    if (position < end) {
      fs.truncate(target, position);
      return position;
    }
  }
  fs.truncate(target, size);
  return size;
}

function copySkippingZeros(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  from: number,
  to: number,
): number {
  const { fs } = context;
  let position = from;
  while (position < to) {
    const wanted = Math.min(to - position, smallBytesMax);
    context.pace(wanted);
    const got = fs.read(source, buffer, 0, wanted, position);
    if (got === 0) break;
    writeData(fs, target, got, position);
    position += got;
  }
  return position;
}

function writeData(fs: FileSystem, target: FileHandle, length: number, position: number): void {
  let start = -1;
  for (let block = 0; block < length; block += holeBytes) {
    const end = Math.min(block + holeBytes, length);
    if (isZero(buffer, block, end)) {
      if (start >= 0) fs.write(target, buffer, start, block - start, position + start);
      start = -1;
    } else if (start < 0) start = block;
  }
  if (start >= 0) fs.write(target, buffer, start, length - start, position + start);
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}
