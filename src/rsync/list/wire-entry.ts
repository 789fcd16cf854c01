// One entry of a file list, and what two ends have agreed that entries carry.

import type { ByteString } from "../../base/index.ts";
import type { Xattr } from "../../tree/index.ts";

/** An extended attribute of an entry; of a large value only the digest comes with the list. */
export interface WireXattr {
  readonly name: ByteString;
  readonly bytes: number;
  /** The value, or, if `isDigest`, the MD5 of it. */
  readonly value: Uint8Array;
  readonly isDigest: boolean;
}

/** Permissions of an access control list as they travel: what the mode says is left out. */
export interface WireAcl {
  readonly owner: number | undefined;
  readonly group: number | undefined;
  readonly mask: number | undefined;
  readonly others: number | undefined;
  readonly named: readonly {
    readonly isUser: boolean;
    readonly id: number;
    readonly permissions: number;
    readonly name: ByteString | undefined;
  }[];
}

/** An entry. */
export interface WireEntry {
  /** Its path in the transfer. */
  readonly name: ByteString;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  readonly atime: number;
  readonly crtime: number;
  readonly uid: number;
  readonly gid: number;
  /** Told once, where an id is first met. */
  readonly userName: ByteString | undefined;
  readonly groupName: ByteString | undefined;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
  readonly linkTarget: ByteString | undefined;
  readonly digest: Uint8Array | undefined;
  /** Of a file with several names: the index, in order of transmission, of the first of them. */
  readonly firstLink: number | undefined;
  /** A directory that an argument brought. */
  readonly isTop: boolean;
  /** A directory whose contents are not in the transfer. */
  readonly isBare: boolean;
  readonly accessAcl: WireAcl | undefined;
  readonly defaultAcl: WireAcl | undefined;
  readonly xattrs: readonly WireXattr[] | undefined;
}

/** What entries carry. */
export interface ListTerms {
  readonly protocol: number;
  readonly varintFlags: boolean;
  /** An end of a list may tell an error. */
  readonly safeListEnd: boolean;
  /** There are lists within the list, and ids come with their names. */
  readonly incremental: boolean;
  /** The name of id 0 stands at the end of a list of names. */
  readonly rootNames: boolean;
  readonly owner: boolean;
  readonly group: boolean;
  readonly devices: boolean;
  readonly specials: boolean;
  readonly links: boolean;
  readonly hardLinks: boolean;
  readonly atimes: boolean;
  readonly crtimes: boolean;
  readonly acls: boolean;
  readonly xattrs: boolean;
  readonly numericIds: boolean;
  /** Bytes of each regular file's checksum; 0 = there are none. */
  readonly digestBytes: number;
  /** Names may begin with slashes, which are taken away behind the sorting. */
  readonly relative: boolean;
  /** Arguments that are not there are entries of no type (mode 0), for the target to delete what it has of them. */
  readonly missing: boolean;
}

/** The end of a list. */
export interface ListEnd {
  /** 1 = something could not be read, 2 = something vanished, 4 = there were too many deletions. */
  readonly errors: number;
}

/** Bits of `errors`. */
export const listError = { general: 1, vanished: 2, deleteLimit: 4 } as const;

/** Returns an attribute whose value came. */
export function plainXattr({ name, value }: WireXattr): Xattr {
  return { name, value };
}
