// rsync's strong checksums: of blocks with the conversation's seed, of whole files without it.

import {
  type BlockHash,
  createDigest,
  type Digest,
  digestLengths,
  digestOf,
  isPreparedName,
  prepareDigest,
  preparedBlockHash,
} from "../hash/index.ts";

/** Checksums that are spoken, in rsync's order. */
export const checksumNames = ["xxh128", "xxh3", "xxh64", "md5", "md4", "sha1"] as const;

/** One of them. */
export type ChecksumName = (typeof checksumNames)[number];

/** What two ends have agreed on. Plain: it goes to lanes. */
export interface Checksums {
  readonly name: ChecksumName;
  /** The one in lists (--checksum). */
  readonly listName: ChecksumName;
  readonly seed: number;
  /** The seed is hashed before a block, not behind it. */
  readonly seedFirst: boolean;
}

/** Makes them ready in this thread; they are synchronous after that. */
export async function prepareChecksums({
  name,
  listName,
  seed,
}: Omit<Checksums, "seedFirst">): Promise<void> {
  await Promise.all([prepareDigest(name), prepareDigest(listName), prepareDigest(name, seed)]);
}

/** Returns whether a word names a checksum that is spoken. */
export function isChecksumName(word: string): word is ChecksumName {
  return (checksumNames as readonly string[]).includes(word);
}

/** Bytes of a whole checksum. */
export function checksumBytes(name: ChecksumName): number {
  return digestLengths[name];
}

/** Returns the strong sum of blocks. */
export function blockChecksum({ name, seed, seedFirst }: Omit<Checksums, "listName">): BlockHash {
  if (isPreparedName(name) && name !== "md4") return preparedBlockHash(name, seed);
  const seedBytes = new Uint8Array(seed === 0 ? 0 : 4);
  if (seed !== 0) new DataView(seedBytes.buffer).setInt32(0, seed, true);
  // MD4's is always behind the block, SHA-1's never.
  const isFirst = name === "md5" ? seedFirst : name === "sha1";
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
