// rsync's strong checksums: of blocks with the conversation's seed, of whole files without it.

import {
  type BlockHash,
  createDigest,
  type Digest,
  digestLengths,
  digestOf,
} from "../hash/index.ts";

/** Checksums that are spoken, in rsync's order. */
export const checksumNames = ["md5", "sha1"] as const;

/** One of them. */
export type ChecksumName = (typeof checksumNames)[number];

/** What two ends have agreed on. Plain: it goes to lanes. */
export interface Checksums {
  readonly name: ChecksumName;
  readonly seed: number;
  /** The seed is hashed before a block, not behind it. */
  readonly seedFirst: boolean;
}

/** Bytes of a whole checksum. */
export function checksumBytes({ name }: Pick<Checksums, "name">): number {
  return digestLengths[name];
}

/** Returns the strong sum of blocks. Only MD5 was ever seeded from behind. */
export function blockChecksum({ name, seed, seedFirst }: Checksums): BlockHash {
  const seedBytes = new Uint8Array(seed === 0 ? 0 : 4);
  if (seed !== 0) new DataView(seedBytes.buffer).setInt32(0, seed, true);
  const isFirst = seedFirst || name !== "md5";
  return (target, at, length, bytes, start, end) => {
    const digest = createDigest(name);
    if (isFirst) digest.update(seedBytes);
    digest.update(bytes, start, end);
    if (!isFirst) digest.update(seedBytes);
    const sum = digest.digest();
    for (let i = 0; i < length; i++) target[at + i] = sum[i] as number;
  };
}

/** Returns the checksum of a whole file that comes in pieces. */
export function fileChecksum({ name }: Pick<Checksums, "name">): Digest {
  return createDigest(name);
}

/** Returns that of a whole file at once. */
export function checksumOf({ name }: Pick<Checksums, "name">, bytes: Uint8Array): Uint8Array {
  return digestOf(name, bytes);
}
