// Compression of a changeset: after the header the sequence is cut into pieces of at most a
// mebibyte, wherever that is, and each piece is compressed for itself. A piece says how long it is
// uncompressed, and never becomes longer than that. deflate is there always; zstd where Node has it.

import process from "node:process";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ManifoldError } from "../base/index.ts";
import type { Compression } from "./record.ts";

/** The part of node:zlib that only newer Nodes have (22.15 and later). */
interface Zstd {
  readonly zstdCompressSync?: (bytes: Uint8Array) => Uint8Array;
  readonly zstdDecompressSync?: (
    bytes: Uint8Array,
    options: { maxOutputLength: number },
  ) => Uint8Array;
}

/** Asked for when it is wanted: to look what node:zlib has would load it, and all streams with it, in every run. */
const zstd = (): Zstd => process.getBuiltinModule("node:zlib") as Zstd;
/** Fast enough to keep up with a network, and most of what the default level saves. */
const deflateLevel = 3;

/** Says whether this machine can compress and decompress that way. */
export function hasCompression(name: Compression): boolean {
  return name !== "zstd" || zstd().zstdCompressSync !== undefined;
}

/** Compresses one piece. */
export function compressPiece(name: Compression, bytes: Uint8Array): Uint8Array {
  if (name === "deflate") return deflateRawSync(bytes, { level: deflateLevel });
  const compressed = name === "zstd" ? zstd().zstdCompressSync?.(bytes) : bytes;
  return compressed ?? refuseZstd();
}

/** Decompresses one piece; undefined when it is damaged or not of that length. */
export function decompressPiece(
  name: Compression,
  bytes: Uint8Array,
  length: number,
): Uint8Array | undefined {
  const options = { maxOutputLength: length };
  if (name === "zstd" && zstd().zstdDecompressSync === undefined) return refuseZstd();
  try {
    const piece =
      name === "deflate"
        ? inflateRawSync(bytes, options)
        : zstd().zstdDecompressSync?.(bytes, options);
    return piece?.length === length ? piece : undefined;
  } catch (error) {
    // Whatever zlib says about it: this is not what a writer made.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

function refuseZstd(): never {
  throw new ManifoldError(
    "unsupported",
    "Cannot use zstd: this version of Node does not have it (22.15 and later do)",
  );
}
