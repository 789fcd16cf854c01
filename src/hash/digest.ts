// Digests by name: the incremental interface, lengths, and which one "strong" means here.

import { createHash } from "node:crypto";
import { PortableBlake3 } from "./blake3-portable.ts";
import { nativeBlake3 } from "./native-blake3.ts";
import { isPreparedName, PreparedDigest, preparedLengths } from "./prepared-digests.ts";

const readyLengths = { blake3: 32, sha256: 32, sha1: 20, md5: 16 } as const;

/** Every digest that has a name here, and its length in bytes. */
export const digestLengths = { ...readyLengths, ...preparedLengths } as const;

/** A key of digestLengths. */
export type DigestName = keyof typeof digestLengths;

/** Hashes bytes that come in pieces. One digest each: after digest() the object is used up. */
export interface Digest {
  readonly name: DigestName;
  /** The length of the result in bytes. */
  readonly length: number;
  /** Adds bytes[start, end) (default: all); they are read before the call returns. */
  update(bytes: Uint8Array, start?: number, end?: number): void;
  /** Returns the digest of everything added, in an array of its own. */
  digest(): Uint8Array;
}

/** Tells whether a word names a digest that is always ready. */
export function isDigestName(word: string): word is DigestName {
  return Object.hasOwn(readyLengths, word);
}

/**
 * Returns what "strong" means on this machine: blake3 where the native code loads, else sha256,
 * which node:crypto computes faster than plain TypeScript computes BLAKE3.
 */
export function strongDigestName(): DigestName {
  return nativeBlake3() === null ? "sha256" : "blake3";
}

/** Compares two digests, as fast as can be: it takes the longer, the more they agree (keyed.ts has another for proofs). */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** Returns a fresh Digest. Every name works on every machine; blake3 is slow without native code, and some are to be prepared (prepareDigest). */
export function createDigest(name: DigestName): Digest {
  const length = digestLengths[name];
  if (name === "blake3") {
    const native = nativeBlake3();
    if (native === null) return portableBlake3();
    const hasher = new native.Blake3Hasher();
    return {
      name,
      length,
      update: (bytes, start = 0, end = bytes.length) => {
        hasher.update(bytes.subarray(start, end));
      },
      digest: () => Uint8Array.from(hasher.digestBuffer()),
    };
  }
  if (isPreparedName(name)) return new PreparedDigest(name);
  const hash = createHash(name);
  return {
    name,
    length,
    update: (bytes, start = 0, end = bytes.length) => {
      hash.update(bytes.subarray(start, end));
    },
    digest: () => Uint8Array.from(hash.digest()),
  };
}

/** Returns a BLAKE3 Digest in plain TypeScript: the fallback, and the check on the native code. */
export function portableBlake3(): Digest {
  const hasher = new PortableBlake3();
  return {
    name: "blake3",
    length: digestLengths.blake3,
    update: (bytes, start, end) => hasher.update(bytes, start, end),
    digest: () => hasher.digest(),
  };
}
