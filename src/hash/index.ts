// hash: digests, the rolling checksum, and the sealing of messages.
//
// In: bytes. Out: digests and sums. The only door to @napi-rs/blake-hash, hash-wasm and node:crypto.
//
//   Digest        incremental: createDigest("blake3" | "sha256" | "sha1" | "md5"), and rsync's "xxh128" | "xxh3" | "xxh64" | "md4"
//                 once prepareDigest() has made them ready
//   BlockHash     one-shot and truncated, for millions of small blocks, without an object each
//   rollingSum    rsync's weak checksum of a block; rollSum, shrinkSum, joinSums move it along
//   RunningChecksum CRC-32 over messages, against damage on the way
//   GearKernel    finds where content says that a chunk ends (the gear hash), for chunks that move with their content
//   RollingKernel the same at memory speed (WebAssembly vectors) with a search for known sums
//
// "Strong" is BLAKE3 wherever we choose (strongDigestName()); where its native code is missing we
// choose sha256, and say so by name, but can still check a BLAKE3 digest that we are given.
// Digests find equal content and catch damage; they do not prove who wrote it. keyedDigest() does, to
// whoever knows the key, and is for nothing else. Everything is synchronous and keeps no state between calls, except that the
// native package and the WebAssembly module are loaded once, on first use.

export { type BlockHash, blake3, blockHash, digestOf, preparedBlockHash } from "./block-hash.ts";
export { checksumBytes, RunningChecksum } from "./checksum.ts";
export {
  createDigest,
  type Digest,
  type DigestName,
  digestLengths,
  isDigestName,
  portableBlake3,
  sameDigest,
  strongDigestName,
} from "./digest.ts";
export { type GearKernel, gearMaskOf, openGearKernel } from "./gear-kernel.ts";
export { equalDigests, hmacText, keyedDigest, proofDigest } from "./keyed.ts";
export {
  digestDigits,
  isPreparedName,
  type PreparedName,
  prepareDigest,
} from "./prepared-digests.ts";
export { joinSums, rollingSum, rollSum, shrinkSum } from "./rolling.ts";
export {
  hashSum,
  KERNEL_MEMORY_START,
  markFilter,
  openRollingKernel,
  type RollingKernel,
} from "./rolling-kernel.ts";
export {
  type SealKey,
  seal,
  sealKey,
  sealKeyBytes,
  sealNonceBytes,
  sealTagBytes,
  secretBytes,
  unseal,
} from "./seal.ts";
