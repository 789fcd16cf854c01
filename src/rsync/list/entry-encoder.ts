// Writes the entries of file lists, the counterpart of entry-decoder.ts.

import type { ByteString } from "../../base/index.ts";
import { isDevice, isDirectory, isRegular, isSpecial, isSymlink } from "../../tree/index.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import { AclEncoder } from "./acl-codec.ts";
import { entryFlag } from "./entry-flags.ts";
import type { ListTerms, WireAcl, WireEntry } from "./wire-entry.ts";
import { XattrEncoder } from "./xattr-codec.ts";

const sharedMax = 255;
const noAcl: WireAcl = {
  owner: undefined,
  group: undefined,
  mask: undefined,
  others: undefined,
  named: [],
};

/** What the next entry may leave out. */
type Before = Pick<WireEntry, "name" | "mtime" | "mode" | "uid" | "gid" | "rdevMajor" | "atime">;

/** Writes all lists of a conversation. */
export class EntryEncoder {
  readonly #terms: ListTerms;
  readonly #acls = new AclEncoder();
  readonly #xattrs = new XattrEncoder();
  #before: Before = { name: "", mtime: 0, mode: 0, uid: 0, gid: 0, rdevMajor: 0, atime: 0 };
  #isFirst = true;
  #start = 0;
  #count = 0;

  constructor(terms: ListTerms) {
    this.#terms = terms;
  }

  /** A list begins whose first entry has that index. */
  begin(start: number): void {
    this.#start = start;
    this.#count = 0;
  }

  /** Writes an entry; of a file with several names `firstLink` is the index of the first, in order of transmission. */
  write(writer: WireWriter, entry: WireEntry): void {
    const { hardLinks } = this.#terms;
    const own = this.#start + this.#count++;
    const { name, firstLink } = entry;
    const isLinked = hardLinks && firstLink !== undefined && !isDirectory(entry.mode);
    const isAlias = isLinked && firstLink !== own;
    let flags = this.#flagsOf(entry);
    if (isLinked) flags |= entryFlag.linked | (isAlias ? 0 : entryFlag.firstLink);
    const shared = sharedLength(this.#before.name, name);
    if (shared > 0) flags |= entryFlag.sameName;
    const suffix = name.slice(shared);
    if (suffix.length > 255) flags |= entryFlag.longName;
    this.#writeFlags(writer, flags, entry.mode);
    if (shared > 0) writer.byte(shared);
    if (suffix.length > 255) writer.varint(suffix.length);
    else writer.byte(suffix.length);
    writer.string(suffix);
    if (isAlias) writer.varint(firstLink);
    if (isAlias && firstLink >= this.#start) {
      const { mtime, mode, uid, gid, atime } = entry;
      const { rdevMajor } = this.#before;
      this.#before = { name, mtime, mode, uid, gid, rdevMajor, atime };
      this.#writeExtras(writer, entry);
      return;
    }
    this.#writeFields(writer, flags, entry);
    this.#isFirst = false;
  }

  /** Writes the end of a list. */
  end(writer: WireWriter, errors: number): void {
    if (this.#terms.varintFlags) {
      writer.varint(0);
      writer.varint(errors);
    } else if (errors !== 0 && (this.#terms.safeListEnd || this.#terms.protocol >= 31)) {
      writer.short(entryFlag.extended | entryFlag.errorEnd);
      writer.varint(errors);
    } else writer.byte(0);
  }

  #flagsOf(entry: WireEntry): number {
    const { owner, group, atimes, crtimes, protocol } = this.#terms;
    const { mode, mtime, uid, gid } = entry;
    const before = this.#before;
    let flags = 0;
    if (mode === before.mode) flags |= entryFlag.sameMode;
    if (mtime === before.mtime) flags |= entryFlag.sameTime;
    if (!owner || (uid === before.uid && !this.#isFirst)) flags |= entryFlag.sameUid;
    else if (entry.userName !== undefined) flags |= entryFlag.userName;
    if (!group || (gid === before.gid && !this.#isFirst)) flags |= entryFlag.sameGid;
    else if (entry.groupName !== undefined) flags |= entryFlag.groupName;
    if (protocol >= 31 && entry.mtimeNanos !== 0) flags |= entryFlag.nanos;
    if (isDirectory(mode)) {
      if (entry.isTop) flags |= entryFlag.top;
      if (entry.isBare) flags |= entryFlag.noContent;
    } else if (atimes && entry.atime === before.atime) flags |= entryFlag.sameAtime;
    if (this.#hasNumber(mode) && entry.rdevMajor === before.rdevMajor) {
      flags |= entryFlag.sameMajor;
    }
    if (crtimes && entry.crtime === mtime) flags |= entryFlag.crtimeIsMtime;
    return flags;
  }

  #hasNumber(mode: number): boolean {
    const { devices, specials, protocol } = this.#terms;
    return (devices && isDevice(mode)) || (specials && protocol < 31 && isSpecial(mode));
  }

  #writeFlags(writer: WireWriter, flags: number, mode: number): void {
    if (this.#terms.varintFlags) {
      writer.varint(flags === 0 ? entryFlag.extended : flags);
      return;
    }
    const shown = flags === 0 && !isDirectory(mode) ? entryFlag.top : flags;
    if (shown === 0 || shown > 0xff) writer.short(shown | entryFlag.extended);
    else writer.byte(shown);
  }

  #writeFields(writer: WireWriter, flags: number, entry: WireEntry): void {
    const { atimes, crtimes, digestBytes } = this.#terms;
    const { name, mode, mtime, uid, gid, atime } = entry;
    const lacks = (flag: number): boolean => (flags & flag) === 0;
    writer.varlong(entry.size, 3);
    if (lacks(entryFlag.sameTime)) writer.varlong(mtime, 4);
    if (!lacks(entryFlag.nanos)) writer.varint(entry.mtimeNanos);
    if (crtimes && lacks(entryFlag.crtimeIsMtime)) writer.varlong(entry.crtime, 4);
    if (lacks(entryFlag.sameMode)) writer.int(mode);
    const tellsAtime = atimes && !isDirectory(mode);
    if (tellsAtime && lacks(entryFlag.sameAtime)) writer.varlong(atime, 4);
    if (lacks(entryFlag.sameUid)) writeId(writer, uid, entry.userName);
    if (lacks(entryFlag.sameGid)) writeId(writer, gid, entry.groupName);
    let { rdevMajor } = this.#before;
    if (this.#hasNumber(mode)) {
      if (lacks(entryFlag.sameMajor)) writer.varint(entry.rdevMajor);
      writer.varint(entry.rdevMinor);
      rdevMajor = entry.rdevMajor;
    }
    if (this.#terms.links && isSymlink(mode)) {
      const target = entry.linkTarget ?? "";
      writer.varint(target.length);
      writer.string(target);
    }
    // What could not be read has zeros.
    if (digestBytes > 0 && isRegular(mode)) {
      writer.raw(entry.digest ?? new Uint8Array(digestBytes));
    }
    this.#writeExtras(writer, entry);
    const next = tellsAtime ? atime : this.#before.atime;
    this.#before = { name, mtime, mode, uid, gid, rdevMajor, atime: next };
  }

  #writeExtras(writer: WireWriter, entry: WireEntry): void {
    if (this.#terms.acls && !isSymlink(entry.mode)) {
      this.#acls.write(writer, "access", entry.accessAcl ?? noAcl);
      if (isDirectory(entry.mode)) {
        this.#acls.write(writer, "default", entry.defaultAcl ?? noAcl);
      }
    }
    if (this.#terms.xattrs) this.#xattrs.write(writer, entry.xattrs ?? []);
  }
}

function writeId(writer: WireWriter, id: number, name: ByteString | undefined): void {
  writer.varint(id);
  if (name === undefined) return;
  writer.byte(name.length);
  writer.string(name);
}

function sharedLength(before: ByteString, name: ByteString): number {
  const max = Math.min(before.length, name.length, sharedMax);
  let length = 0;
  while (length < max && before.charCodeAt(length) === name.charCodeAt(length)) length++;
  return length;
}
