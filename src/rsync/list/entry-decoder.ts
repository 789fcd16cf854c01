// Reads the entries of file lists, one whole entry at a time: each says only what differs from the one before it.

import type { ByteString } from "../../base/index.ts";
import {
  isDevice,
  isDirectory,
  isRegular,
  isSpecial,
  isSymlink,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeMask,
  typeRegular,
  typeSocket,
  typeSymlink,
} from "../../tree/index.ts";
import { brokenProtocol, type WireCursor, within } from "../wire/wire-cursor.ts";
import { AclDecoder } from "./acl-codec.ts";
import { entryFlag } from "./entry-flags.ts";
import { checkName } from "./names.ts";
import type { ListEnd, ListTerms, WireEntry } from "./wire-entry.ts";
import { XattrDecoder } from "./xattr-codec.ts";

const nameBytesMax = 4095;
const types = new Set([
  typeRegular,
  typeDirectory,
  typeSymlink,
  typeCharacter,
  typeBlock,
  typeFifo,
  typeSocket,
]);

/** What the next entry may leave out. */
interface Before {
  readonly name: ByteString;
  readonly mtime: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdevMajor: number;
  readonly atime: number;
}

const nothing: Before = {
  name: "",
  mtime: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  rdevMajor: 0,
  atime: 0,
};

/** An entry as it is put together; its fields are those of WireEntry. */
type Draft = { -readonly [K in keyof WireEntry]: WireEntry[K] };

/** Reads all lists of a conversation. */
export class EntryDecoder {
  readonly #terms: ListTerms;
  readonly #acls = new AclDecoder();
  readonly #xattrs = new XattrDecoder();
  #before = nothing;
  /** Entries of the list that is being read, where later ones may point at them, and the index of the first. */
  #entries: WireEntry[] = [];
  #start = 0;

  constructor(terms: ListTerms) {
    this.#terms = terms;
  }

  /** A list begins whose first entry has that index. */
  begin(start: number): void {
    this.#start = start;
    this.#entries = [];
  }

  /** Reads an entry or the end of the list. Throws as the cursor does; then nothing has been read. */
  read(cursor: WireCursor): WireEntry | ListEnd {
    const flags = this.#readFlags(cursor);
    if (flags === 0) {
      return { errors: this.#terms.varintFlags ? cursor.varint() & 7 : 0 };
    }
    if (!this.#terms.varintFlags && flags === (entryFlag.extended | entryFlag.errorEnd)) {
      if (!this.#terms.safeListEnd && this.#terms.protocol < 31) {
        throw brokenProtocol("a list ends with an error that it cannot tell");
      }
      return { errors: cursor.varint() & 7 };
    }
    const name = this.#readName(cursor, flags);
    const entry = this.#readEntry(cursor, flags, name);
    this.#acls.keep();
    this.#xattrs.keep();
    if (this.#terms.hardLinks) this.#entries.push(entry);
    return entry;
  }

  #readFlags(cursor: WireCursor): number {
    if (this.#terms.varintFlags) return cursor.varint();
    const first = cursor.byte();
    return (first & entryFlag.extended) === 0 ? first : first | (cursor.byte() << 8);
  }

  #readName(cursor: WireCursor, flags: number): ByteString {
    const shared = (flags & entryFlag.sameName) === 0 ? 0 : cursor.byte();
    const { name: before } = this.#before;
    within("the shared part of a name", shared, 0, before.length);
    const isLong = (flags & entryFlag.longName) !== 0;
    const length = isLong ? cursor.varint() : cursor.byte();
    const suffix = cursor.string("a name", length, nameBytesMax - shared);
    const name = before.slice(0, shared) + suffix;
    checkName(name, this.#terms.relative);
    return name;
  }

  #readEntry(cursor: WireCursor, flags: number, name: ByteString): WireEntry {
    const [terms, before] = [this.#terms, this.#before];
    const isLinked = terms.hardLinks && (flags & entryFlag.linked) !== 0;
    let firstLink: number | undefined;
    if (isLinked) {
      const own = this.#start + this.#entries.length;
      const isFirst = (flags & entryFlag.firstLink) !== 0;
      firstLink = isFirst ? own : cursor.varintWithin("the first name of a file", 0, own - 1);
      if (!isFirst && firstLink >= this.#start) return this.#readAlias(cursor, name, firstLink);
    }
    const entry: Draft = { ...blank, name, firstLink };
    entry.size = within("a size", cursor.varlong(3), 0, Number.MAX_SAFE_INTEGER);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    entry.mtime = has(entryFlag.sameTime) ? before.mtime : cursor.varlong(4);
    if (has(entryFlag.nanos)) {
      entry.mtimeNanos = cursor.varintWithin("nanoseconds", 0, 999_999_999);
    }
    if (terms.crtimes)
      entry.crtime = has(entryFlag.crtimeIsMtime) ? entry.mtime : cursor.varlong(4);
    entry.mode = has(entryFlag.sameMode) ? before.mode : cursor.int() & 0xffff;
    const isMissing = terms.missing && entry.mode === 0;
    if (!types.has(entry.mode & typeMask) && !isMissing)
      throw brokenProtocol("an entry is of an unknown type");
    if (name === "." && !isDirectory(entry.mode)) throw brokenProtocol('"." is no directory');
    const tellsAtime = terms.atimes && !isDirectory(entry.mode);
    if (tellsAtime) entry.atime = has(entryFlag.sameAtime) ? before.atime : cursor.varlong(4);
    this.#readIds(cursor, flags, entry);
    const rdevMajor = this.#readType(cursor, flags, entry);
    this.#readExtras(cursor, entry);
    const { mtime, mode, uid, gid } = entry;
    const atime = tellsAtime ? entry.atime : before.atime;
    this.#before = { name, mtime, mode, uid, gid, rdevMajor, atime };
    return entry;
  }

  /** Another name of an entry of this list: it says no more than that. */
  #readAlias(cursor: WireCursor, name: ByteString, firstLink: number): WireEntry {
    const first = this.#entries[firstLink - this.#start];
    if (first === undefined || isDirectory(first.mode)) {
      throw brokenProtocol("an entry is another name of none");
    }
    const entry: Draft = { ...first, name, firstLink, userName: undefined, groupName: undefined };
    this.#readExtras(cursor, entry);
    const { mtime, mode, uid, gid } = entry;
    const { rdevMajor } = this.#before;
    const atime = this.#terms.atimes ? entry.atime : 0;
    this.#before = { name, mtime, mode, uid, gid, rdevMajor, atime };
    return entry;
  }

  #readIds(cursor: WireCursor, flags: number, entry: Draft): void {
    const before = this.#before;
    const { owner, group } = this.#terms;
    const readName = (flag: number): ByteString | undefined =>
      (flags & flag) === 0 ? undefined : cursor.string("a name", cursor.byte(), 255);
    entry.uid = before.uid;
    entry.gid = before.gid;
    if (owner && (flags & entryFlag.sameUid) === 0) {
      entry.uid = cursor.varint() >>> 0;
      entry.userName = readName(entryFlag.userName);
    }
    if (group && (flags & entryFlag.sameGid) === 0) {
      entry.gid = cursor.varint() >>> 0;
      entry.groupName = readName(entryFlag.groupName);
    }
  }

  /** Reads what only entries of some types have; returns the major number for the next device. */
  #readType(cursor: WireCursor, flags: number, entry: Draft): number {
    const { devices, specials, links, protocol, digestBytes } = this.#terms;
    const { mode } = entry;
    let { rdevMajor } = this.#before;
    const hasNumber = (devices && isDevice(mode)) || (specials && protocol < 31 && isSpecial(mode));
    if (hasNumber) {
      if ((flags & entryFlag.sameMajor) === 0) rdevMajor = cursor.varint() >>> 0;
      const minor = cursor.varint() >>> 0;
      if (isDevice(mode)) {
        entry.rdevMajor = rdevMajor;
        entry.rdevMinor = minor;
      }
    }
    if (links && isSymlink(mode)) {
      const length = cursor.varintWithin("the length of a link's target", 1, nameBytesMax);
      entry.linkTarget = cursor.string("a link's target", length, nameBytesMax);
      if (entry.linkTarget.includes("\0")) throw brokenProtocol("a link's target holds a NUL");
    }
    if (isDirectory(mode)) {
      entry.isBare = (flags & entryFlag.noContent) !== 0;
      entry.isTop = (flags & entryFlag.top) !== 0;
    }
    if (digestBytes > 0 && isRegular(mode)) entry.digest = cursor.copy(digestBytes);
    return rdevMajor;
  }

  #readExtras(cursor: WireCursor, entry: Draft): void {
    if (this.#terms.acls && !isSymlink(entry.mode)) {
      entry.accessAcl = this.#acls.read(cursor, "access");
      if (isDirectory(entry.mode)) entry.defaultAcl = this.#acls.read(cursor, "default");
    }
    if (this.#terms.xattrs) entry.xattrs = this.#xattrs.read(cursor);
  }
}

const blank: WireEntry = {
  name: "",
  mode: 0,
  size: 0,
  mtime: 0,
  mtimeNanos: 0,
  atime: 0,
  crtime: 0,
  uid: 0,
  gid: 0,
  userName: undefined,
  groupName: undefined,
  rdevMajor: 0,
  rdevMinor: 0,
  linkTarget: undefined,
  digest: undefined,
  firstLink: undefined,
  isTop: false,
  isBare: false,
  accessAcl: undefined,
  defaultAcl: undefined,
  xattrs: undefined,
};

/** Says whether what was read is the end of a list. */
export function isListEnd(read: WireEntry | ListEnd): read is ListEnd {
  return !("name" in read);
}
