// What a scan is asked for and given: the request, the user's wishes, the source roots.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileSystem, Follow } from "../../fs/index.ts";

/** A source root: a door and the pinned directory that an argument named. */
export interface SourceRoot {
  readonly fs: FileSystem;
  readonly dir: DirHandle;
  /** The path as the user wrote it, with a trailing slash where it is not empty; for messages. */
  readonly label: ByteString;
}

/** A source directory whose whole contents appear in the transfer directory. */
export interface Origin {
  /** Index of the source root. */
  readonly root: number;
  /** Path below the root, "" for the root itself. */
  readonly path: ByteString;
  /** So many bytes of the path were written by the operator: links among them are followed. */
  readonly named: number;
  /** Rank among everything that brings entries to the same directory: the lowest brings the attributes. */
  readonly order: number;
  /** One of several merged directories: it need not exist. */
  readonly optional?: boolean;
}

/** Entries of one source directory that appear in the transfer directory because something named them. */
export interface NamedGroup {
  readonly root: number;
  /** The source directory that holds them, below the root. Links on the way are followed. */
  readonly parent: ByteString;
  /** The names, each followed by a NUL, in shared memory. */
  readonly names: Uint8Array;
  /** Whether a symlink counts as what it leads to: always (implied parents), or as a directory only (trailing slash). */
  readonly follow: "no" | "directory" | "always";
  /** Only parents that a longer path implies: never filtered. */
  readonly implied: boolean;
  /** Parents that only lead to what is missing, and is named all the same to be deleted. */
  readonly inVain: boolean;
  /** The contents of those that are directories are wanted. */
  readonly contents: boolean;
  /** As an origin's. */
  readonly order: number;
  /** A single entry's name on the source, where the target has another one (a file copied to a new name). */
  readonly sourceName?: ByteString;
  /** The name that such an entry is told under. */
  readonly shown?: ByteString;
}

/** What one scan reads. */
export interface ScanRequest {
  /** Path in the transfer, "" for its top. */
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
}

/** Which extended attributes of an entry are wanted. */
export interface XattrWishes {
  /** Access control lists, which are asked for by name: nothing is listed for them. */
  readonly acls: boolean;
  /** Other attributes by their names; undefined = none. */
  readonly named: ((name: ByteString) => boolean) | undefined;
}

/** What the scan needs to know of the user's wishes. */
export interface ScanOptions {
  readonly copyLinks: boolean;
  readonly copyUnsafe: boolean;
  readonly copyDirLinks: boolean;
  /** Which extended attributes are wanted; undefined = none. */
  readonly xattrs: XattrWishes | undefined;
  /** Symlink targets are wanted. */
  readonly linkTargets: boolean;
  /** 0, 1 (keep mount points, empty) or 2 (drop them). */
  readonly oneFileSystem: 0 | 1 | 2;
  /** Directories are wanted (-r or -d). */
  readonly directories: boolean;
  /** Symlinks that are stored in a form that cannot be followed are read as what they were. */
  readonly unmunge: boolean;
}

/** Trouble that the scan met; `complete` of the listing is already false where it matters. */
export type ScanProblem = (
  path: ByteString,
  operation: string,
  errno: number,
  message?: string,
) => void;

/** Decides whether an entry is hidden, by its name bytes. Undefined = nothing is. */
export type Hides = (
  names: Uint8Array,
  start: number,
  end: number,
  isDirectory: boolean,
) => boolean;

/** What a scan is given besides the request. */
export interface ScanContext {
  readonly roots: readonly SourceRoot[];
  readonly options: ScanOptions;
  /** Filters for the entries of each root's directories. */
  readonly hides: ((root: number) => Hides | undefined) | undefined;
  readonly problem: ScanProblem;
  /**
   * Hears of a named entry that is not there, with its name in the transfer; true = that is all right. Undefined = it
   * is a problem.
   */
  readonly absent?: ((name: ByteString) => boolean) | undefined;
  /** A symlink policy's line for people. */
  readonly note: (topic: string, level: number, text: ByteString) => void;
}

/** Says how directories of the source may be reached: -L, -k and --copy-unsafe-links go through links. */
export function followMode(options: ScanOptions): Follow {
  return options.copyLinks || options.copyDirLinks || options.copyUnsafe ? "anywhere" : "none";
}

/** A source directory while it is read. */
export interface OpenOrigin {
  readonly fs: FileSystem;
  readonly dir: DirHandle;
  /** Path in the transfer. */
  readonly path: ByteString;
  /** Path as the user would write it. */
  readonly label: ByteString;
  /** Index of the source root. */
  readonly root: number;
}
