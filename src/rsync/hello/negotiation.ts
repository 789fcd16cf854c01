// Which checksum and which compression two ends take.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { loadLz4, loadZstd } from "../../native/index.ts";
import { type ChecksumName, checksumNames } from "../checksums.ts";

/** Compressions that rsync has, in its order. */
const compressionNames = ["zstd", "lz4", "zlibx", "zlib", "none"] as const;

/** One of them. */
export type CompressionName = (typeof compressionNames)[number];

/** What the words that a server is started with say of compression: one by its name, or -z, which leaves it to both ends. */
export type CompressionWish = CompressionName | "negotiated";

/** Returns those that are spoken here: not every system has libraries for all of them. */
export function spokenCompressions(): readonly CompressionName[] {
  const isThere = (name: CompressionName): boolean =>
    (name !== "zstd" || loadZstd() !== undefined) && (name !== "lz4" || loadLz4() !== undefined);
  return compressionNames.filter(isThere);
}

/** Returns whether a word names one of them. */
export function isSpokenCompression(word: string): word is CompressionName {
  return (spokenCompressions() as readonly string[]).includes(word);
}

/** Lists of names are shorter than this. */
export const namesBytesMax = 255;

/** Returns what this end offers. */
export function offeredChecksums(): ByteString {
  return checksumNames.join(" ");
}

/** Returns what this end offers. */
export function offeredCompressions(): ByteString {
  return spokenCompressions().join(" ");
}

/** Returns the checksum that both have. Throws when there is none. */
export function chooseChecksum(theirs: ByteString, label: string): ChecksumName {
  return choose(checksumNames, theirs, `checksum with ${label}`);
}

/** Returns the compression that both have. Throws when there is none. */
export function chooseCompression(theirs: ByteString, label: string): CompressionName {
  return choose(spokenCompressions(), theirs, `compression with ${label}`);
}

/** Returns the compression that a client names first of those that there are. */
export function chooseCompressionAsServer(theirs: ByteString, label: string): CompressionName {
  const ours: readonly string[] = spokenCompressions();
  const first = theirs.split(" ").find((name) => ours.includes(name));
  return chooseCompression(first ?? theirs, label);
}

/** Returns the checksum that a client names first of those that there are: whichever rule it goes by, it comes to that. */
export function chooseAsServer(theirs: ByteString, label: string): ChecksumName {
  const ours: readonly string[] = checksumNames;
  const first = theirs.split(" ").find((name) => ours.includes(name));
  return chooseChecksum(first ?? theirs, label);
}

/** Both lists are in the same order, so that it does not matter whose first name is taken. */
function choose<T extends string>(ours: readonly T[], theirs: ByteString, what: string): T {
  const names = theirs.split(" ");
  const chosen = ours.find((name) => names.includes(name));
  if (chosen !== undefined) return chosen;
  throw new ManifoldError(
    "unsupported",
    `There is no common ${what}: it has ${theirs.replace(/[^ -~]/g, "?") || "none"}, manifold has ${ours.join(", ")}`,
  );
}
