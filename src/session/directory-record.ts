// One directory of the source on its way to the target: its listing, and what else the target has to
// know of it. Made and read in lanes; the listing's body is that of a listing record
// (docs/design/changeset.md).

import type { ByteString } from "../base/index.ts";
import {
  type CborCursor,
  CborWriter,
  decodeColumn,
  decodeListing,
  encodeColumn,
  encodeListing,
  isBelow,
  isGoodPath,
  ListedDirectory,
  selfName,
} from "../changeset/index.ts";
import type { Directory, ProgressEvent } from "../tree/index.ts";
import { decodeEvents, encodeEvents } from "./event-record.ts";
import { openCursor } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";
import { digestFields, putDigests, type RowDigests, readDigests } from "./same-record.ts";

/** What a directory's record tells. Columns belong to whoever holds the record. */
export interface DirectoryRecord {
  /** Path in the transfer, "" for its top. */
  readonly path: ByteString;
  /** The nearest directory, this one or above, whose contents an argument brought. */
  readonly top: ByteString;
  /** It has all that the source has; false = only what arguments name, so that nothing is surplus. */
  readonly isWhole: boolean;
  /** Entries in listing order. */
  readonly listing: ListedDirectory;
  /** The top's own entry, of which only row 0 counts; undefined = its attributes do not travel. */
  readonly self: ListedDirectory | undefined;
  /** Rows of hard-linked files can be told apart: device, inode and link count are there. */
  readonly hasInodes: boolean;
  /** Named entries that are not there and whose absence matters (--delete-missing-args). */
  readonly absent: readonly ByteString[];
  /** What reading it brought to light: problems and notes. */
  readonly events: readonly ProgressEvent[];
  /** Digests of files, where the target's end wanted them. */
  readonly digests?: RowDigests | undefined;
}

const recordFields = 8;
/** Entries of one part: a directory of any size is a row of parts. */
const partEntries = 16_384;
const inodeColumns = ["devMajor", "devMinor", "inoHigh", "inoLow", "nlink"] as const;
const word = { max: 0xffff_ffff, isSigned: false };
const writer = new CborWriter(65_536);

/** Returns the record's bytes, in memory of their own. */
export function encodeDirectory(record: DirectoryRecord): Uint8Array {
  writer.clear();
  writer.array(recordFields + (record.digests === undefined ? 0 : digestFields));
  writer.byteString(record.path);
  writer.byteString(record.top);
  writer.bool(record.isWhole);
  encodeParts(record);
  if (record.self === undefined) writer.null();
  else encodeListing(writer, record.self, 0, 1);
  // Which subdirectories come to nothing more, and which are taken as the target has them.
  encodeVerdicts(record.listing.columns);
  writer.array(record.absent.length);
  for (const name of record.absent) writer.byteString(name);
  encodeEvents(writer, record.events);
  if (record.digests !== undefined) putDigests(writer, record.digests);
  return shared(writer.written);
}

function encodeParts({ listing, hasInodes }: DirectoryRecord): void {
  const { count } = listing.columns;
  const parts = Math.max(1, Math.ceil(count / partEntries));
  writer.array(parts * 2);
  for (let part = 0; part < parts; part++) {
    const from = part * partEntries;
    const to = Math.min(count, from + partEntries);
    encodeListing(writer, listing, from, to);
    const tells = hasInodes && to > from;
    writer.array(tells ? inodeColumns.length : 0);
    if (!tells) continue;
    for (const name of inodeColumns) encodeColumn(writer, listing.columns[name], from, to);
  }
}

function encodeVerdicts(columns: Directory): void {
  let any = 0;
  for (let i = 0; i < columns.count; i++) any |= columns.verdict[i] as number;
  if (any === 0) writer.bytes(new Uint8Array(0));
  else writer.bytes(columns.verdict, 0, columns.count);
}

/** Copies bytes into shared memory, so that they can cross threads without another copy. */
export function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** Reads a record into `columns`. Throws a protocol-data error for anything that is none. */
export function decodeDirectory(bytes: Uint8Array, columns: Directory): DirectoryRecord {
  const cursor = openCursor(bytes);
  const fields = cursor.array("directory", recordFields + digestFields);
  if (fields !== recordFields && fields !== recordFields + digestFields) {
    throw cursor.error("directory", `it has ${fields} fields`);
  }
  const path = cursor.byteString("path", limits.pathBytes);
  const top = cursor.byteString("top", limits.pathBytes);
  if (top !== path && !isBelow(path, top)) throw cursor.error("top", "it is not above the path");
  const isWhole = cursor.bool("whole");
  const listing = new ListedDirectory(columns);
  const hasInodes = decodeParts(cursor, path, listing);
  const self = cursor.isNull() ? undefined : decodeSelf(cursor, path);
  decodeVerdicts(cursor, columns);
  const absent: ByteString[] = [];
  for (let left = cursor.array("absent", limits.absentNames); left > 0; left--) {
    absent.push(readName(cursor, "absent name"));
  }
  const events = decodeEvents(cursor);
  const isTold = fields > recordFields;
  const digests = isTold ? readDigests(cursor, columns.count) : undefined;
  cursor.finish("directory");
  return { path, top, isWhole, listing, self, hasInodes, absent, events, digests };
}

/** Reads the name of an entry: nothing that leads anywhere else. */
function readName(cursor: CborCursor, field: string): ByteString {
  const begin = cursor.at;
  const name = cursor.byteString(field, limits.nameBytes);
  if (name === "" || name.includes("/") || !isGoodPath(name)) {
    throw cursor.error(field, "it is no name", begin);
  }
  return name;
}

function decodeParts(cursor: CborCursor, path: ByteString, into: ListedDirectory): boolean {
  const items = cursor.array("parts", limits.listingParts * 2);
  let hasInodes = false;
  for (let n = 0; n < items; n += 2) {
    const isFirst = n === 0;
    const part = isFirst ? into : new ListedDirectory();
    decodeListing(cursor, part, () => (isFirst ? undefined : lastOf(into)));
    if (part.path !== path) throw cursor.error("path", "a part is of another directory");
    const { count } = part.columns;
    if (count > 0 && part.columns.name(0) === selfName) {
      throw cursor.error("name", "the directory itself is not one of its entries");
    }
    if (cursor.array("inodes", inodeColumns.length) > 0) {
      hasInodes = true;
      for (const field of inodeColumns) {
        decodeColumn(cursor, part.columns[field], count, { field, ...word });
      }
    }
    if (!isFirst) append(into, part);
  }
  return hasInodes;
}

function lastOf({ columns }: ListedDirectory): { name: ByteString; isDirectory: boolean } {
  const last = columns.count - 1;
  return { name: columns.name(last), isDirectory: columns.isDirectory(last) };
}

function append(into: ListedDirectory, part: ListedDirectory): void {
  const { columns } = part;
  for (let i = 0; i < columns.count; i++) {
    const row = into.columns.add(columns.name(i), columns.mode[i] as number);
    into.columns.copyAttributes(row, columns, i);
    const target = columns.linkTargets.get(i);
    if (target !== undefined) into.columns.setLinkTarget(row, target);
    const xattrs = columns.xattrs.get(i);
    if (xattrs !== undefined) into.columns.setXattrs(row, xattrs);
    const digest = part.states.digests.get(i);
    if (digest !== undefined) into.states.digests.set(row, digest);
  }
  if (!columns.complete) into.columns.complete = false;
  for (const [id, name] of part.users) into.users.set(id, name);
  for (const [id, name] of part.groups) into.groups.set(id, name);
}

function decodeSelf(cursor: CborCursor, path: ByteString): ListedDirectory {
  const self = new ListedDirectory();
  decodeListing(cursor, self, () => undefined);
  const { columns } = self;
  const isSelf = columns.count === 1 && columns.name(0) === selfName && columns.isDirectory(0);
  if (!isSelf || self.path !== "" || path !== "") {
    throw cursor.error("self", "it is not the directory of the top, and only that");
  }
  return self;
}

function decodeVerdicts(cursor: CborCursor, columns: Directory): void {
  const length = cursor.byteRange("verdicts", columns.count);
  if (length === 0) columns.verdict.fill(0, 0, columns.count);
  else if (length !== columns.count) throw cursor.error("verdicts", "not one for each entry");
  else columns.verdict.set(cursor.bytes.subarray(cursor.start, cursor.stop), 0);
}
