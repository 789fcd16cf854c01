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
  /** Device of the argument that brought it, for --one-file-system; undefined = do not care. */
  readonly device?: DeviceNumber;
  /** One of several merged directories: it need not exist. */
  readonly optional?: boolean;
}

/** A device number. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** A single entry that appears in the transfer directory because something named it. */
export interface NamedEntry {
  /** Its name in the transfer. */
  readonly name: ByteString;
  /** The name it is told under, where the target has another one (a file copied to a new name). */
  readonly shown?: ByteString;
  readonly root: number;
  /** The source directory that holds it, below the root. */
  readonly parent: ByteString;
  /** Its name there, "" for the directory `parent` itself. */
  readonly sourceName: ByteString;
  /** Read what a symlink points at (implied parents, trailing slash). */
  readonly follow: boolean;
  /** Rank among entries of the same name: the lowest brings the attributes. */
  readonly implied: boolean;
}

/** What one scan reads. */
export interface ScanRequest {
  /** Path in the transfer, "" for its top. */
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedEntry[];
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
  /** Entries of directory contents that are directories are wanted (-r or -d). */
  readonly directories: boolean;
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
  /** Filters for entries of each origin's contents; named entries are asked too unless implied. */
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
  readonly device: DeviceNumber | undefined;
  /** Index of the source root. */
  readonly root: number;
}
