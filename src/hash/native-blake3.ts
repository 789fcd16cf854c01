// The door to @napi-rs/blake-hash: BLAKE3 in native code, absent where it has no binary.

import { createRequire } from "node:module";

/** An incremental hasher of the package. */
export interface NativeHasher {
  update(input: Uint8Array): this;
  digestBuffer(): Uint8Array;
}

/** What is used of the package. */
export interface NativeBlake3 {
  readonly Blake3Hasher: new () => NativeHasher;
  /** The digest in the URL-safe base64 alphabet: 43 digits and a padding character. */
  blake3UrlSafeBase64(input: Uint8Array): string;
}

let loaded: NativeBlake3 | null | undefined;

/** Returns the package, or null when its binary cannot be loaded; loads it on the first call. */
export function nativeBlake3(): NativeBlake3 | null {
  if (loaded !== undefined) return loaded;
  try {
    loaded = createRequire(import.meta.url)("@napi-rs/blake-hash") as NativeBlake3;
  } catch {
    // No binary for this machine, or packages installed without optional ones: hash without it.
    loaded = null;
  }
  return loaded;
}
