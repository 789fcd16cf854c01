// Holes: copies that leave out zeros, and zeros that are made into holes afterwards.

import type { FileHandle } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";

/** Smallest run of zeros that is worth a hole: a page, as no file system frees less. */
const holeBytes = 4096;
const bufferBytes = 256 * 1024;
const buffer = Buffer.allocUnsafeSlow(bufferBytes);
const zeros = Buffer.alloc(holeBytes);

/**
 * Copies the first `size` bytes, leaving holes where the source has holes or zeros, and returns how many there
 * were. The target is empty. `reserved` says that its space was allocated, which holes give back.
 */
export function copySparse(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  size: number,
  reserved: boolean,
): number {
  const length = copySparsePart(context, source, target, { from: 0, to: size, reserved });
  context.fs.truncate(target, length);
  return length;
}

/** A part of a file. */
export interface SparsePart {
  readonly from: number;
  readonly to: number;
  /** The target's space was allocated: holes give it back. */
  readonly reserved: boolean;
}

/** The same for a part, of which the target has nothing but a hole; returns how many bytes of it there were. */
export function copySparsePart(
  context: ReceiveContext,
  source: FileHandle,
  target: FileHandle,
  { from, to, reserved }: SparsePart,
): number {
  const { fs } = context;
  const stepBytes = Math.min(bufferBytes, context.stepBytes);
  let position = from;
  // Where data end is not asked: the kernel may walk to the end of the file for it. Holes read as zeros.
  let wereZeros = true;
  while (position < to) {
    if (wereZeros) {
      const data = fs.seekData(source, position);
      const start = data < 0 ? to : Math.min(data, to);
      if (reserved && start > position) fs.punchHole(target, position, start - position);
      if (start >= to) break;
      position = start;
    }
    const wanted = Math.min(to - position, stepBytes);
    context.pace(wanted);
    const got = fs.read(source, buffer, 0, wanted, position);
    if (got === 0) return position - from;
    const at = position;
    wereZeros = true;
    forRuns(got, position, (start, end, isHole) => {
      if (!isHole) {
        wereZeros = false;
        fs.write(target, buffer, start, end - start, at + start);
      } else if (reserved) fs.punchHole(target, at + start, end - start);
    });
    position += got;
  }
  return to - from;
}

/** Makes holes of the zeros that the first `size` bytes of a file have; for files that were written in another way. */
export function punchZeros(context: ReceiveContext, file: FileHandle, size: number): void {
  const { fs } = context;
  let position = 0;
  while (position < size) {
    const data = fs.seekData(file, position);
    if (data < 0) return;
    const end = Math.min(fs.seekHole(file, data), size);
    for (position = data; position < end; ) {
      context.advance(0);
      const got = fs.read(file, buffer, 0, Math.min(bufferBytes, end - position), position);
      if (got === 0) return;
      const at = position;
      forRuns(got, position, (start, stop, isHole) => {
        if (isHole) fs.punchHole(file, at + start, stop - start);
      });
      position += got;
    }
  }
}

/** Goes through the first `length` bytes of the buffer, which stand at `position`, in runs of data and of whole zero pages. */
function forRuns(
  length: number,
  position: number,
  run: (start: number, end: number, isHole: boolean) => void,
): void {
  let start = 0;
  let wasHole = false;
  for (let block = 0; block < length; ) {
    // Pages of the file, not of the buffer: a hole must be aligned to free anything.
    const end = Math.min(block + holeBytes - ((position + block) % holeBytes), length);
    const isHole = end - block === holeBytes && isZero(block, end);
    if (isHole !== wasHole && block > start) {
      run(start, block, wasHole);
      start = block;
    }
    wasHole = isHole;
    block = end;
  }
  if (length > start) run(start, length, wasHole);
}

function isZero(start: number, end: number): boolean {
  return buffer.compare(zeros, 0, end - start, start, end) === 0;
}
