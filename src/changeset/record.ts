// The records of a changeset or listing as values. Directories are scratch space of whoever reads or
// makes them: they are valid until the next one.

import type { ByteString } from "../base/index.ts";
import type { DigestName } from "../hash/index.ts";
import type { ListedDirectory } from "./listed-directory.ts";
import type { Section } from "./order-codec.ts";
import type { OrderedDirectory } from "./ordered-directory.ts";

/** The version of the format that this build writes, and the only one that it reads. */
export const formatVersion = 1;

/** Numbers of the records. */
export const recordKind = {
  directory: 1,
  late: 2,
  closing: 3,
  signature: 4,
  data: 5,
  problem: 6,
  listing: 7,
  frame: 8,
  trailer: 9,
} as const;

/** Digests that a changeset may be made with. */
export const changesetDigests = ["blake3", "sha256"] as const satisfies readonly DigestName[];

/** A name of changesetDigests. */
export type ChangesetDigest = (typeof changesetDigests)[number];

/** How the records after the header are compressed. */
export const compressions = ["none", "deflate", "zstd"] as const;

/** A name of compressions. */
export type Compression = (typeof compressions)[number];

/** What a changeset can say of attributes: those that are not named here are not kept, and differ without conflict. */
export const preservedNames = [
  "mode",
  "executability",
  "mtime",
  "atime",
  "crtime",
  "owner",
  "group",
  "acls",
  "xattrs",
  "hard-links",
] as const;

/** A name of preservedNames. */
export type Preserved = (typeof preservedNames)[number];

/** The value of an option in a header. */
export type OptionValue = boolean | number | string;

/** The first record. */
export interface Header {
  readonly kind: "changeset" | "listing";
  readonly digest: ChangesetDigest;
  readonly compression: Compression;
  /** Content is included (csetdata), or is still to be sent. */
  readonly hasData: boolean;
  readonly preserves: readonly Preserved[];
  /** Options that change what the orders mean, by the names of the flag table. */
  readonly options: ReadonlyMap<string, OptionValue>;
  /** Filter rules that were in force, in rsync's syntax. */
  readonly filters: readonly ByteString[];
  /** What wrote it, for people. */
  readonly program: string;
}

/** Sums of the blocks of one basis, or a run of them. */
export interface SignatureRecord {
  readonly type: "signature";
  /** Index of the order in the directory record before. */
  readonly index: number;
  readonly basisLength: number;
  readonly blockLength: number;
  readonly strongLength: number;
  readonly firstBlock: number;
  readonly weak: Uint32Array;
  readonly strong: Uint8Array;
}

/** One instruction of a delta. */
export type Token =
  | { readonly kind: "literal"; readonly bytes: Uint8Array }
  | { readonly kind: "copy"; readonly offset: number; readonly length: number }
  /** All of the basis, whose content is what is wanted. */
  | { readonly kind: "all" };

/** Content of one file, or a piece of it. Literal bytes are views that are valid until the next record. */
export interface DataRecord {
  readonly type: "data";
  /** Index of the order in the directory record before. */
  readonly index: number;
  readonly tokens: readonly Token[];
  /** With the last piece the digest of the whole content; null = the content could not be had after all; undefined = more pieces follow. */
  readonly digest: Uint8Array | null | undefined;
}

/** Something that a stage could not do; the stages after it count it, and tell it. */
export interface ProblemRecord {
  readonly type: "problem";
  /** For people: never opened. */
  readonly path: ByteString;
  readonly role: "source" | "target";
  readonly operation: string;
  readonly errno: number;
  /** Exit status that it leads to. */
  readonly exit: number;
  readonly message: ByteString | undefined;
}

/** Names of the totals, in the order they stand in a trailer. */
export const totalNames = [
  "directories",
  "entries",
  "add",
  "change",
  "move",
  "link",
  "meta",
  "del",
  "bytes",
  "literal",
  "problems",
] as const;

/** What the records of a changeset add up to. */
export type Totals = Record<(typeof totalNames)[number], number>;

/** The last record. */
export interface Trailer {
  readonly totals: Readonly<Totals>;
  /** Whoever wrote it came to the end, whatever problems there were on the way. */
  readonly complete: boolean;
  /** Worst exit status of the stages so far. */
  readonly exit: number;
}

/** Where a record lies in the uncompressed sequence, and its body as it is, for whoever passes it on. */
export interface RecordPlace {
  readonly offset: number;
  readonly length: number;
  readonly body: Uint8Array;
  readonly digest: Uint8Array | undefined;
}

/** What a reader gives. */
export type ChangesetRecord = { readonly place: RecordPlace } & (
  | { readonly type: "header"; readonly header: Header }
  | {
      readonly type: Section;
      readonly orders: OrderedDirectory;
      /** It goes on with the directory of the record before. */
      readonly isContinued: boolean;
    }
  | { readonly type: "listing"; readonly listing: ListedDirectory; readonly isContinued: boolean }
  | SignatureRecord
  | DataRecord
  | ProblemRecord
  | { readonly type: "trailer"; readonly trailer: Trailer }
);

/** Returns totals of nothing. */
export function noTotals(): Totals {
  return Object.fromEntries(totalNames.map((name) => [name, 0])) as Totals;
}
