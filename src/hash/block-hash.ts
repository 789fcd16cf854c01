// One-shot strong hashes of small pieces, written into an array that the caller has.
//
// The delta code hashes millions of blocks of 700 bytes to 128 KiB. There the cost of handing over
// the result counts: the package's digest as a Buffer costs 1.3 us more than as a base64 string,
// and a reused hasher is slower than the one-shot call (docs/decisions/0004-blake3.md), so the
// string is decoded here.

import { createHash } from "node:crypto";
import { createDigest, type DigestName, digestLengths } from "./digest.ts";
import { nativeBlake3 } from "./native-blake3.ts";
import { inOrder, isPreparedName, type PreparedName, preparedHasher } from "./prepared-digests.ts";

/**
 * Writes the first `length` bytes of the hash of bytes[start, end) to `target` from `at`.
 * `length` is at most the digest's.
 */
export type BlockHash = (
  target: Uint8Array,
  at: number,
  length: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const digitValues = new Uint8Array(128);
for (let value = 0; value < 64; value++) digitValues[digits.charCodeAt(value)] = value;

function decodeBase64(digest: string, target: Uint8Array, at: number, length: number): void {
  const end = at + length;
  for (let to = at, from = 0; to < end; to += 3, from += 4) {
    const group =
      ((digitValues[digest.charCodeAt(from)] as number) << 18) |
      ((digitValues[digest.charCodeAt(from + 1)] as number) << 12) |
      ((digitValues[digest.charCodeAt(from + 2)] as number) << 6) |
      (digitValues[digest.charCodeAt(from + 3)] as number);
    target[to] = group >> 16;
    if (to + 1 < end) target[to + 1] = group >> 8;
    if (to + 2 < end) target[to + 2] = group;
  }
}

/** Returns the fastest one-shot hash of that name on this machine. */
export function blockHash(name: DigestName): BlockHash {
  const native = name === "blake3" ? nativeBlake3() : null;
  if (native !== null) {
    const hash = native.blake3UrlSafeBase64;
    return (target, at, length, bytes, start, end) =>
      decodeBase64(hash(bytes.subarray(start, end)), target, at, length);
  }
  if (isPreparedName(name)) return preparedBlockHash(name);
  return (target, at, length, bytes, start, end) => {
    let result: Uint8Array;
    if (name === "blake3") {
      const digest = createDigest(name);
      digest.update(bytes, start, end);
      result = digest.digest();
    } else {
      result = createHash(name).update(bytes.subarray(start, end)).digest();
    }
    for (let index = 0; index < length; index++) target[at + index] = result[index] as number;
  };
}

/** Returns the one-shot hash of that name and seed, which was prepared. */
export function preparedBlockHash(name: PreparedName, seed = 0): BlockHash {
  const hasher = preparedHasher(name, seed);
  return (target, at, length, bytes, start, end) => {
    const hash = hasher.fresh().update(bytes.subarray(start, end));
    const sum = inOrder(name, hash.digest("binary"));
    for (let i = 0; i < length; i++) target[at + i] = sum[i] as number;
  };
}

const whole = new Map<DigestName, BlockHash>();

/** Returns the digest of bytes[start, end), all that there is: cheaper than a Digest. */
export function digestOf(
  name: DigestName,
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Uint8Array {
  let hash = whole.get(name);
  if (hash === undefined) {
    hash = blockHash(name);
    whole.set(name, hash);
  }
  const target = new Uint8Array(digestLengths[name]);
  hash(target, 0, target.length, bytes, start, end);
  return target;
}

/** Returns the 32-byte BLAKE3 digest of bytes[start, end) (default: all). */
export function blake3(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  const target = new Uint8Array(32);
  blockHash("blake3")(target, 0, 32, bytes, start, end);
  return target;
}
