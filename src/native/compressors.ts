// The functions of the system's libzstd and liblz4, by koffi: what rsync compresses with, and Node 20 does not have. Absent
// where FFI is, and where the libraries are (docs/decisions/0119-zstd-and-lz4-by-the-systems-libraries.md).

import process from "node:process";
import { koffiPackages, requirePackage } from "./packages.ts";
import type { Signature } from "./signatures.ts";

const int = "int";
const address = "uintptr_t";
const long = "int64_t";

/** Signatures of the stable parts of zstd.h (1.0 and later). Sizes are returned with a sign: errors are size_t's highest numbers. */
const zstdSignatures = {
  ZSTD_createCCtx: [address],
  ZSTD_compressCCtx: [long, address, address, long, address, long, int],
  ZSTD_maxCLevel: [int],
  ZSTD_createDCtx: [address],
  ZSTD_freeDCtx: [long, address],
  ZSTD_decompressStream: [long, address, address, address],
} as const satisfies Readonly<Record<string, Signature>>;

/** Signatures of lz4.h (1.7.3 and later). */
const lz4Signatures = {
  LZ4_compress_default: [int, address, address, int, int],
  LZ4_decompress_safe: [int, address, address, int, int],
} as const satisfies Readonly<Record<string, Signature>>;

type Functions<T> = {
  readonly [Name in keyof T]: (...values: number[]) => number;
} & {
  /** The address of the first byte of the view, which has one. */
  address(memory: Uint8Array): number;
};

/** The functions of libzstd; arguments and results are numbers, addresses among them, and nothing checks bounds. */
export type Zstd = Functions<typeof zstdSignatures>;
/** The same of liblz4. */
export type Lz4 = Functions<typeof lz4Signatures>;

let zstd: Zstd | undefined | null = null;
let lz4: Lz4 | undefined | null = null;

/** Loads libzstd, or returns undefined where it cannot be had. Cheap after the first time. */
export function loadZstd(): Zstd | undefined {
  if (zstd === null) zstd = load("libzstd.so.1", zstdSignatures);
  return zstd;
}

/** Loads liblz4, or returns undefined where it cannot be had. Cheap after the first time. */
export function loadLz4(): Lz4 | undefined {
  if (lz4 === null) lz4 = load("liblz4.so.1", lz4Signatures);
  return lz4;
}

function load<T extends Readonly<Record<string, Signature>>>(
  name: string,
  signatures: T,
): Functions<T> | undefined {
  if (process.platform !== "linux") return undefined;
  for (const installed of koffiPackages) {
    try {
      const koffi = requirePackage(installed) as typeof import("koffi");
      const library = koffi.load(name);
      const functions = Object.entries(signatures).map(([called, [result, ...parameters]]) => [
        called,
        library.func(called, result, [...parameters]),
      ]);
      const toAddress = (memory: Uint8Array): number => Number(koffi.address(memory));
      return { ...Object.fromEntries(functions), address: toAddress };
    } catch {
      // No koffi, or no such library: the other compressions serve.
    }
  }
  return undefined;
}
