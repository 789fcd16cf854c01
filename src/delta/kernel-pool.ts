// Keeps one rolling kernel a thread for the next file: making one costs as much as a small file.

import { openRollingKernel, type RollingKernel } from "../hash/index.ts";

const COMMON_LENGTH = 2 << 20;
/** A larger kernel than this is not kept: its memory would stay with the thread for ever. */
const KEPT_LENGTH_MAX = 16 << 20;

let spare: RollingKernel | undefined;

/** Returns a kernel of at least `length` bytes; what is in its memory is undefined. */
export function takeKernel(length: number): RollingKernel {
  const kernel = spare;
  if (kernel !== undefined && kernel.bytes.length >= length) {
    spare = undefined;
    return kernel;
  }
  return openRollingKernel(Math.max(length, COMMON_LENGTH));
}

/** Gives a kernel back; the caller may not touch it afterwards. */
export function returnKernel(kernel: RollingKernel): void {
  const length = kernel.bytes.length;
  if (length <= KEPT_LENGTH_MAX && length >= (spare?.bytes.length ?? 0)) spare = kernel;
}
