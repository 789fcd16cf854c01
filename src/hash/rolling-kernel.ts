// Rolling checksums over a piece of memory of their own, as fast as the machine offers.
//
// A kernel owns one memory with, from the bottom: a filter (one bit per hash, says "surely not"
// for most windows), slots (open addressing, exact sums) and whatever window of a file the caller
// reads into the rest. Reading straight into the kernel's memory saves a copy. Where WebAssembly
// vectors are missing, the same loops run in JavaScript.

import { assert } from "../base/index.ts";
import { rollingSum, rollSum } from "./rolling.ts";
import { assembleModule } from "./wasm-assembler.ts";
import { type WasmHost, wasmHost, wasmPageBytes } from "./wasm-host.ts";
import {
  FILTER_BIT_SHIFT,
  FILTER_BYTE_SHIFT,
  FILTER_OFFSET,
  HASH_MULTIPLIER,
  SUM_OFFSET,
  scanFunction,
} from "./wasm-scan.ts";
import { sumFunction } from "./wasm-sum.ts";

/** The first offset of a kernel's memory that belongs to the caller; the filter must start there. */
export const KERNEL_MEMORY_START = FILTER_OFFSET;

/** One memory and the hot loops over it. One user at a time. */
export interface RollingKernel {
  /** The whole memory. It never moves or grows while the kernel lives. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as 32-bit words. */
  readonly words: Int32Array<ArrayBuffer>;
  /** Returns the rolling checksum of memory[start, end) as a signed 32-bit integer. */
  sum(start: number, end: number): number;
  /**
   * Returns the first window start from `position` to `last` whose sum is in the slots, or last + 1.
   * `length` is the window's, `sum` the sum of the window at `position`; all bytes of the window
   * at `last` must be there. lastSum() then tells the sum of the window found (or of `last`).
   */
  scan(
    position: number,
    last: number,
    length: number,
    sum: number,
    filterMask: number,
    slots: number,
    slotShift: number,
  ): number;
  /** Returns the sum where the latest scan() stopped. */
  lastSum(): number;
}

/** Returns the hash that spreads a sum over filter and slots, as an unsigned 32-bit integer. */
export function hashSum(sum: number): number {
  return Math.imul(sum, HASH_MULTIPLIER) >>> 0;
}

/** Marks a hash in the filter of filterMask + 1 bytes (a power of two) at KERNEL_MEMORY_START. */
export function markFilter(bytes: Uint8Array, hash: number, filterMask: number): void {
  const at = FILTER_OFFSET + ((hash >>> FILTER_BYTE_SHIFT) & filterMask);
  bytes[at] = (bytes[at] as number) | (1 << (hash >>> FILTER_BIT_SHIFT));
}

let compiled: object | null | undefined;

function compile(host: WasmHost): object | null {
  if (compiled === undefined) {
    const bytes = assembleModule([sumFunction(), scanFunction()]);
    compiled = host.validate(bytes) ? new host.Module(bytes) : null;
  }
  return compiled;
}

/**
 * Returns a kernel whose zeroed memory holds at least `length` bytes; with `portable`, the one in
 * JavaScript. A fresh kernel costs about 0.2 ms, so callers with many small files keep one.
 */
export function openRollingKernel(length: number, portable = false): RollingKernel {
  const pages = Math.ceil(length / wasmPageBytes);
  assert(pages >= 1 && pages <= 65536, "a kernel has between 64 KiB and 4 GiB");
  const module = portable || wasmHost === undefined ? null : compile(wasmHost);
  if (module === null || wasmHost === undefined) {
    return portableKernel(new ArrayBuffer(pages * wasmPageBytes));
  }
  const memory = new wasmHost.Memory({ initial: pages, maximum: pages });
  const instance = new wasmHost.Instance(module, { host: { memory } });
  const { sum, scan } = instance.exports as Pick<RollingKernel, "sum" | "scan">;
  const words = new Int32Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  return { bytes, words, sum, scan, lastSum: () => words[SUM_OFFSET] as number };
}

function portableKernel(buffer: ArrayBuffer): RollingKernel {
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  return {
    bytes,
    words,
    sum: (start, end) => rollingSum(bytes, start, end),
    // A hot loop's parameters.
    scan: (position, last, length, sum, filterMask, slots, slotShift) =>
      scanPortably(bytes, words, position, last, length, sum, filterMask, slots >> 2, slotShift),
    lastSum: () => words[SUM_OFFSET] as number,
  };
}

// The hot loop of scan() in JavaScript.
function scanPortably(
  bytes: Uint8Array,
  words: Int32Array,
  position: number,
  last: number,
  length: number,
  firstSum: number,
  filterMask: number,
  slotWords: number,
  slotShift: number,
): number {
  let sum = firstSum;
  for (let at = position; ; at++) {
    const hash = Math.imul(sum, HASH_MULTIPLIER);
    const byte = bytes[FILTER_OFFSET + ((hash >>> FILTER_BYTE_SHIFT) & filterMask)] as number;
    const marked = (byte >>> (hash >>> FILTER_BIT_SHIFT)) & 1;
    if (marked === 1 && hasSlot(words, slotWords, hash >>> slotShift, slotShift, sum)) {
      words[SUM_OFFSET] = sum;
      return at;
    }
    if (at >= last) break;
    sum = rollSum(sum, length, bytes[at] as number, bytes[at + length] as number);
  }
  words[SUM_OFFSET] = sum;
  return last + 1;
}

function hasSlot(
  words: Int32Array,
  slotWords: number,
  first: number,
  slotShift: number,
  sum: number,
): boolean {
  const mask = -1 >>> slotShift;
  let slot = first;
  while (words[slotWords + 2 * slot + 1] !== 0) {
    if (words[slotWords + 2 * slot] === sum) return true;
    slot = (slot + 1) & mask;
  }
  return false;
}
