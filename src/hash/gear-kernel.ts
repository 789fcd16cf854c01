// The gear hash (Xia et al., "FastCDC", USENIX ATC 2016) over a piece of memory of its own: with each byte the hash is
// doubled and a word of a fixed table added, so that a byte has left it after 32 more. Where certain bits of the hash are
// zero, content itself says that a chunk ends; an edit moves only the boundaries near it.

import { assert } from "../base/index.ts";
import { assembleModule } from "./wasm-assembler.ts";
import { findFunction, GEAR_OFFSET, HASH_OFFSET } from "./wasm-gear.ts";
import { type WasmHost, wasmHost, wasmPageBytes } from "./wasm-host.ts";

/** The first offset of a kernel's memory that belongs to the caller. */
const memoryStart = 2048;
const words = 256;

/** One memory and the search in it. One user at a time. */
export interface GearKernel {
  /** The whole memory, which never moves; what is below `start` is the kernel's. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: number;
  /**
   * Takes memory[at, end) into `hash`, byte by byte, until it has none of the mask's bits; returns the position behind that
   * byte, 0 = there is none (then lastHash() tells what the hash came to).
   */
  find(at: number, end: number, hash: number, mask: number): number;
  /** Returns the hash at the end of the latest find() that found nothing. */
  lastHash(): number;
}

/** Returns a mask that `bits` zero bits stand for: the upper ones, which more bytes have had a part in. */
export function gearMaskOf(bits: number): number {
  assert(bits >= 1 && bits <= 31, "A hash has 32 bits.");
  return -1 << (32 - bits);
}

let compiled: object | null | undefined;

function compile(host: WasmHost): object | null {
  if (compiled === undefined) {
    const bytes = assembleModule([findFunction()]);
    compiled = host.validate(bytes) ? new host.Module(bytes) : null;
  }
  return compiled;
}

/** Returns a kernel with at least `length` bytes for the caller; with `portable`, the one in JavaScript. */
export function openGearKernel(length: number, portable = false): GearKernel {
  const pages = Math.ceil((memoryStart + length) / wasmPageBytes);
  const module = portable || wasmHost === undefined ? null : compile(wasmHost);
  if (module === null || wasmHost === undefined) {
    return portableKernel(new ArrayBuffer(pages * wasmPageBytes));
  }
  const memory = new wasmHost.Memory({ initial: pages, maximum: pages });
  const instance = new wasmHost.Instance(module, { host: { memory } });
  const { find } = instance.exports as Pick<GearKernel, "find">;
  const bytes = new Uint8Array(memory.buffer);
  const hashes = new Int32Array(memory.buffer, HASH_OFFSET, 1);
  writeGear(new Int32Array(memory.buffer, GEAR_OFFSET, words));
  return { bytes, start: memoryStart, find, lastHash: () => hashes[0] as number };
}

function portableKernel(buffer: ArrayBuffer): GearKernel {
  const bytes = new Uint8Array(buffer);
  const hashes = new Int32Array(buffer, HASH_OFFSET, 1);
  const gear = new Int32Array(buffer, GEAR_OFFSET, words);
  writeGear(gear);
  return {
    bytes,
    start: memoryStart,
    find: (at, end, hash, mask) => findPortably(bytes, gear, hashes, at, end, hash, mask),
    lastHash: () => hashes[0] as number,
  };
}

/** The hot loop of find() in JavaScript. */
function findPortably(
  bytes: Uint8Array,
  gear: Int32Array,
  hashes: Int32Array,
  at: number,
  end: number,
  firstHash: number,
  mask: number,
): number {
  let hash = firstHash;
  for (let i = at; i < end; i++) {
    hash = ((hash << 1) + (gear[bytes[i] as number] as number)) | 0;
    if ((hash & mask) === 0) return i + 1;
  }
  hashes[0] = hash;
  return 0;
}

/**
 * The table: the first 256 outputs of splitmix32 (the 32-bit form of Steele, Lea and Flood's SplitMix) from 0 on. Two ends
 * that want to find each other's chunks must have the same one.
 */
function writeGear(gear: Int32Array): void {
  let state = 0;
  for (let i = 0; i < words; i++) {
    state = (state + 0x9e3779b9) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    gear[i] = word ^ (word >>> 15);
  }
}
