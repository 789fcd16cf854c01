// What a message may contain at most: checked before anything is allocated. This file is a table;
// docs/design/session.md gives the same in words.

const kibi = 1024;
const mebi = 1024 * kibi;

/** Every limit of the messages' contents; those of listings are the changeset's. */
export const limits = {
  pathBytes: 4096,
  nameBytes: 255,
  /** Parts of one directory's listing, of at most 65,536 entries. */
  listingParts: 65_536,
  absentNames: 1_000_000,
  /** Events of one message, and the texts in them. */
  events: 1_000_000,
  textBytes: 64 * kibi,
  /** Files that one message asks for or brings. */
  items: 65_536,
  digestBytes: 64,
  /** One signature: sums of 2^22 blocks. */
  weakBytes: 16 * mebi,
  strongBytes: 64 * mebi,
  /** Content that one message brings, compressed or not. */
  contentBytes: 63 * mebi,
  /** Digests of files that the target has, that are told for one file that it wants. */
  knownDigests: 64,
  /** A piece of a large file that is wanted at a time. */
  pieceBytes: 16 * mebi,
  tokens: 1_000_000,
  /** Parts of one wanted file that the target says it has. */
  heldParts: 65_536,
  /** Chunks are normally 2^8 to 2^20 bytes long. */
  chunkBitsMin: 8,
  chunkBitsMax: 20,
  /** Arguments, rules and lists of a start message. */
  arguments: 100_000,
  argumentBytes: 128 * kibi,
  listBytes: 64 * mebi,
} as const;
