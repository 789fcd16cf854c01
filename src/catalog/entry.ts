// What a catalog says of one file: the words that all forms have in common.

import type { ByteString } from "../base/index.ts";
import type { DigestName } from "../hash/index.ts";

/** What an entry is; "other" for devices, sockets and the like, which nobody can fetch. */
export type CatalogKind = "file" | "directory" | "symlink" | "other";

/** A digest of the whole content. */
export interface CatalogDigest {
  readonly algorithm: DigestName;
  readonly value: Uint8Array;
}

/** A time as a catalog writes it. */
export interface CatalogTime {
  /** Whole seconds since 1970 and nanoseconds; what is finer than `step` is 0. */
  readonly seconds: number;
  readonly nanos: number;
  /** 0 = exact, 1 = whole seconds, 60 = minutes, 86400 = days. */
  readonly step: number;
  /** False = read as if it were UTC, but written in the local time of who knows where. */
  readonly isZoneKnown: boolean;
}

/** One file, directory or link. Undefined = the catalog does not say. */
export interface CatalogEntry {
  /** Relative to what the catalog is of, and safe (safe-path.ts). */
  readonly path: ByteString;
  readonly kind: CatalogKind;
  readonly size?: number | undefined;
  /** The true size may be so much larger or smaller; undefined or 0 = it is exact. */
  readonly sizeSlack?: number | undefined;
  readonly time?: CatalogTime | undefined;
  /** Permission bits. */
  readonly mode?: number | undefined;
  /** Numbers or names, as written. */
  readonly user?: ByteString | undefined;
  readonly group?: ByteString | undefined;
  readonly linkTarget?: ByteString | undefined;
  /** The strongest one that we can check. */
  readonly digest?: CatalogDigest | undefined;
}

/** Takes a catalog's bytes, in pieces of any length, and gives entries as they are complete. */
export interface CatalogReader {
  push(bytes: Uint8Array): void;
  /** There is no more. Throws if the catalog cannot end here. */
  end(): void;
}

/** Takes entries. */
export type EntrySink = (entry: CatalogEntry) => void;
