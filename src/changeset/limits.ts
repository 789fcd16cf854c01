// What a changeset may contain at most: checked before anything is allocated, by the writer and the
// reader alike. This file is a table.

const kibi = 1024;
const mebi = 1024 * kibi;

/** Every limit of the format; docs/design/changeset.md gives the same table in words. */
export const limits = {
  /** Body of a record with names or attributes: header, directory, late, closing, listing, trailer. */
  bodyBytes: 16 * mebi,
  /** Body of a record with content: signature, data, problem. */
  contentBytes: 2 * mebi,
  /** Bytes that a compressed frame stands for. */
  frameBytes: mebi,
  /** Orders of one record, entries of one listing record. */
  entries: 65_536,
  pathBytes: 4096,
  nameBytes: 255,
  linkTargetBytes: 4095,
  /** Linux's own limits for one attribute (xattr(7)), and what one entry may have together. */
  xattrNameBytes: 255,
  xattrValueBytes: 64 * kibi,
  xattrBytes: mebi,
  xattrCount: 1024,
  /** Tokens of one data record. */
  tokens: 65_536,
  /** Names of users and groups of one record, and the length of such a name. */
  idNames: 65_536,
  idNameBytes: 255,
  /** Digests are 32 bytes; longer ones are for later. */
  digestBytes: 32,
  strongBytes: 64,
  /** Lines and names that people read. */
  textBytes: 4096,
  filterRules: 10_000,
  filterRuleBytes: 4096,
  optionCount: 256,
  /** Paths that verification of the whole tree remembers; beyond, only the receiver's own checks are left. */
  verifiedPaths: 20_000_000,
} as const;

/** What a writer aims at, so that no record comes near a limit. */
export const recordBytesAim = mebi;

/** Bytes of file content in one data record. */
export const literalBytesAim = 256 * kibi;
