// What a tree can be pulled from, whatever serves it: a folder, an HTTP server, another machine, a captured
// changeset. A source lists directories and gives parts of files. It knows nothing of targets, of other
// sources, or of what is wanted; what it cannot tell it leaves out, and what it cannot do it says (probe).
// test/source/conformance has the suite that every kind has to pass.

import type { ByteString } from "../base/index.ts";
import type { DigestName } from "../hash/index.ts";

/** What an entry of a directory is. */
export type EntryKind =
  | "file"
  | "directory"
  | "symlink"
  | "character-device"
  | "block-device"
  | "fifo"
  | "socket";

/**
 * One entry of a directory, as far as the source can tell. Undefined = not known: that is never taken for a difference,
 * and comes from what the target has, or from defaults.
 */
export interface ListedEntry {
  /** A name: not empty, no slash, not "." or "..", at most 255 bytes. Bytes as they are, not percent-encoded. */
  readonly name: ByteString;
  readonly kind: EntryKind;
  /** Bytes of content of a file. Undefined for what is none, and where it is not known. */
  readonly size?: number | undefined;
  /** The true size may be this much larger or smaller ("1.2M"): see Source.look(). Undefined or 0 = it is exact. */
  readonly sizeSlack?: number | undefined;
  /** Whole seconds since 1970, and nanoseconds: as exact as the listing's `timeStep`. */
  readonly mtime?: number | undefined;
  readonly mtimeNanos?: number | undefined;
  /**
   * For read(): another source told the time, and that only to within so many seconds. Undefined = this source told it, or
   * it is exact. Listings leave it out.
   */
  readonly mtimeSlack?: number | undefined;
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Names of the two, where the source has them. */
  readonly user?: ByteString | undefined;
  readonly group?: ByteString | undefined;
  /** Where a symlink points. A symlink without it is of no use, and is left out by whoever asks. */
  readonly linkTarget?: ByteString | undefined;
  /** Of a device. */
  readonly rdevMajor?: number | undefined;
  readonly rdevMinor?: number | undefined;
  /** Names of one file have the same number; undefined = it has one name, or that is not known. */
  readonly fileNumber?: string | undefined;
  /** Of the whole content, from the source's own listing or checksum files. */
  readonly digest?: EntryDigest | undefined;
  /** Digests of consecutive parts of the content, the last one of what is left. */
  readonly pieces?: PieceDigests | undefined;
  /** The source's own mark of this state of the file, such as an ETag; read() wants it back, nobody else reads it. */
  readonly version?: string | undefined;
}

/** Of a whole file. */
export interface EntryDigest {
  readonly algorithm: DigestName;
  readonly value: Uint8Array;
}

/** Of parts of a file, each `length` bytes long. */
export interface PieceDigests {
  readonly algorithm: DigestName;
  readonly length: number;
  readonly values: readonly Uint8Array[];
}

/** One directory. */
export interface SourceListing {
  /** In any order; no name twice. */
  readonly entries: readonly ListedEntry[];
  /** Returns `entries[n]` anew: for whoever would keep them, where they lie in memory in less room. Absent where they do not. */
  readonly again?: ((n: number) => ListedEntry) | undefined;
  /** False = some of it could not be listed: nothing may be deleted on its account. */
  readonly isComplete: boolean;
  /** Of the directory itself, as far as known; name and kind do not count. */
  readonly self?: Partial<ListedEntry> | undefined;
}

/** What a source can do, found out by trying, and what it can tell. */
export interface SourceAbilities {
  /** read() can begin anywhere. False = offset 0 only, and whoever wants less than all stops reading. */
  readonly ranges: boolean;
  /** list() takes no round trips: all is known after probe(). */
  readonly listsAtOnce: boolean;
  /** How it is listed, for people: "directory indexes", "ls-lR.gz"; undefined = by asking for directories. */
  readonly listing?: string | undefined;
  /** There is a digest() for any part of a file. */
  readonly digests: boolean;
  /** Which attributes listings have. */
  readonly tells: {
    readonly modes: boolean;
    readonly owners: boolean;
    /** Symlinks, as such; false = they look like what they point to, or are not listed. */
    readonly symlinks: boolean;
    readonly devices: boolean;
    /** Which names are of one file. */
    readonly hardLinks: boolean;
    readonly directoryTimes: boolean;
  };
  /**
   * Times of files differ from the true ones by less than so many seconds: 0 = exact to the nanosecond, 1 = whole seconds,
   * 60 = minutes. Undefined = there are none.
   */
  readonly timeStep: number | undefined;
  /** Connections at the same time that are polite, at most; at least 1. One read() takes one. */
  readonly connectionsMax: number;
  /** Files of one readFiles() that are asked for before the first has come; 1 = each waits for its own round trip. */
  readonly depth: number;
  /** Other places of the same tree, as the source itself names them, the best first; undefined = it names none. */
  readonly mirrors?: readonly { readonly url: string }[] | undefined;
  /** Which state the tree is in (a serial number, a date), for people and to see that it changed; undefined = unknown. */
  readonly generation: string | undefined;
}

/** A file to be read, by its path below the source's root and what a listing said of it. */
export interface SourceFile {
  readonly path: ByteString;
  readonly entry: ListedEntry;
}

/** Part of a file. */
export interface SourcePart {
  readonly offset: number;
  /** At least 1. */
  readonly length: number;
}

/** One piece of what readFiles() brings. */
export interface FileChunk {
  /** Which of the files; never smaller than that of the chunk before. */
  readonly file: number;
  /** Good until the next one is asked for. Empty for an empty file, and else never. */
  readonly bytes: Uint8Array;
}

/**
 * A source of one tree. Everything rejects with SourceError (source-error.ts) and with nothing else, and with the
 * signal's reason when that is aborted. Calls may overlap.
 *
 * Time and chance come from whoever makes one. A source does not repeat what failed, and does not rest by itself when it is
 * told to: both are for whoever asks, who is told how long ("busy").
 */
export interface Source {
  /** For people and as identity: what the user wrote, without passwords. */
  readonly url: string;

  /** Connects, finds out what the source can do, and how long an answer takes. To be called first, once. */
  probe(signal: AbortSignal): Promise<SourceAbilities>;

  /** Lists a directory; "" is the root. "absent" where there is none. */
  list(path: ByteString, signal: AbortSignal): Promise<SourceListing>;

  /**
   * Finds out what a listing did not tell exactly: size, time, version. A source whose listings are exact gives back the
   * entry. "absent" where the file is gone.
   */
  look(file: SourceFile, signal: AbortSignal): Promise<ListedEntry>;

  /**
   * Reads part of a file, in order, in chunks of the source's choice (at most 1 MiB), each good until the next one is asked for. Fewer
   * bytes than asked for never come without an error. `entry` may be what another source of the same tree said: a file whose
   * size is another one, or whose time is another one (by more than this source's time step and `mtimeSlack` together) is
   * "changed", before anything of it comes; so nothing of a mirror that is at another state gets in. What `entry` leaves out
   * is not compared. Whoever stops iterating, or aborts, ends the reading, and with it the connection if there is no other way.
   */
  read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array>;

  /**
   * Reads whole files one after the other, as many under way as the connection has room for. An error is about the file
   * after the last one that came whole, or the one that has begun, unless it names another one; the rest has not been asked for.
   * Absent where read() is as good.
   */
  readFiles?(files: readonly SourceFile[], signal: AbortSignal): AsyncIterable<FileChunk>;

  /** Computes the BLAKE3 digest of part of a file where the file is. Absent unless abilities.digests. */
  digest?(file: SourceFile, part: SourcePart, signal: AbortSignal): Promise<Uint8Array>;

  /** Ends everything that is under way. */
  close(): Promise<void>;
}
