// AES-256-GCM over short messages with a header in the clear: what datagrams are sealed with. A nonce may
// be used once only under a key; keeping to that is the caller's business. By OpenSSL's functions where they can be had,
// which takes a sixth of the time that node:crypto does (decision 108).

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from "node:crypto";
import { assert } from "../base/index.ts";
import { type Libcrypto, loadLibcrypto } from "../native/index.ts";
import { EvpSeal } from "./evp-seal.ts";

const algorithm = "aes-256-gcm";

/** Lengths in bytes. */
export const sealKeyBytes = 32;
export const sealNonceBytes = 12;
export const sealTagBytes = 16;

/** A key, ready for use. */
export interface SealKey {
  /** What seals and opens; undefined = node:crypto does. */
  readonly evp: EvpSeal | undefined;
  readonly key: KeyObject;
}

/** Returns the key that these bytes are. `libcrypto`: null = node:crypto is to serve. */
export function sealKey(
  bytes: Uint8Array,
  libcrypto: Libcrypto | null = loadLibcrypto() ?? null,
): SealKey {
  assert(bytes.length === sealKeyBytes, "A key has its length.");
  return {
    evp: libcrypto === null ? undefined : new EvpSeal(libcrypto, bytes),
    key: createSecretKey(bytes),
  };
}

/** Returns bytes that nobody can guess. */
export function secretBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length));
}

/**
 * Writes the sealed plain bytes and their tag behind the header in `target` and returns the length of all of it. The
 * header, target[0, headerBytes), stays in the clear and is authenticated.
 */
export function seal(
  { evp, key }: SealKey,
  nonce: Uint8Array,
  target: Uint8Array,
  headerBytes: number,
  plain: Uint8Array,
): number {
  const length = headerBytes + plain.length + sealTagBytes;
  if (evp !== undefined) {
    evp.seal(nonce, target, headerBytes, plain);
    return length;
  }
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(target.subarray(0, headerBytes));
  target.set(cipher.update(plain), headerBytes);
  cipher.final();
  target.set(cipher.getAuthTag(), headerBytes + plain.length);
  return length;
}

/** Returns the plain bytes of what `seal` made, undefined for anything else. */
export function unseal(
  { evp, key }: SealKey,
  nonce: Uint8Array,
  message: Uint8Array,
  headerBytes: number,
): Uint8Array | undefined {
  const end = message.length - sealTagBytes;
  if (end < headerBytes) return undefined;
  if (evp !== undefined) return evp.unseal(nonce, message, headerBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: sealTagBytes });
  decipher.setAAD(message.subarray(0, headerBytes));
  decipher.setAuthTag(message.subarray(end));
  const plain = decipher.update(message.subarray(headerBytes, end));
  try {
    decipher.final();
  } catch {
    return undefined; // Somebody else made it, or it was damaged on the way: all one to the caller.
  }
  return plain;
}
