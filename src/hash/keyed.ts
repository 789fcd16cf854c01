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

/** Returns the 32 bytes of the HMAC-SHA256 of a text's UTF-8 form: what protocols of others are made of. */
export function hmacText(key: Uint8Array | string, text: string): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(text, "utf8").digest());
}

/** Compares two digests in a time that does not depend on where they differ. */
export function equalDigests(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
