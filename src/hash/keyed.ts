// HMAC-SHA256: proves that whoever made it knows a key. And rsync's older way of proving the same.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Returns the 32 bytes of the HMAC (RFC 2104) over the parts, one after the other, each with its length before it. */
export function keyedDigest(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac("sha256", key);
  for (const part of parts) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length);
    hmac.update(length).update(part);
  }
  return new Uint8Array(hmac.digest());
}

/** Returns the plain digest of the parts, one after the other: how rsync proves that somebody knows a password. */
export function proofDigest(
  name: "sha512" | "sha256" | "sha1" | "md5",
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Compares two digests in a time that does not depend on where they differ. */
export function equalDigests(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
