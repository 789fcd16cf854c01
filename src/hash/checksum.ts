// CRC-32 (ITU-T V.42, as in gzip): finds what a carrier damaged, for a small part of what a digest of a
// short message costs. Proves nothing.

import { crc32 } from "node:zlib";

/** A CRC-32 that goes on from message to message, so that one that is missing is found, too. */
export class RunningChecksum {
  #sum: number;

  /** `begin`: bytes that stand before everything. */
  constructor(begin: Uint8Array) {
    this.#sum = crc32(begin);
  }

  /** Adds the parts, and returns the sum of everything so far: 4 bytes, least significant first. */
  add(...parts: readonly Uint8Array[]): Uint8Array {
    let sum = this.#sum;
    for (const part of parts) sum = crc32(part, sum);
    this.#sum = sum;
    return Uint8Array.of(sum, sum >>> 8, sum >>> 16, sum >>> 24);
  }
}

/** Bytes of a checksum. */
export const checksumBytes = 4;
