// A directory as a source lists it, made the record that the target's end of a run takes (as if an end elsewhere had sent
// it). What the source cannot tell gets values that nobody compares: the run's options were narrowed to what it can tell.

import { type ByteString, toText } from "../../base/index.ts";
import { isGoodPath, ListedDirectory } from "../../changeset/index.ts";
import { encodeDirectory } from "../../session/index.ts";
import type { EntryKind, ListedEntry, SourceListing } from "../../source/index.ts";
import {
  Directory,
  dropTwins,
  type ProblemEvent,
  sortListing,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeRegular,
  typeSocket,
  typeSymlink,
} from "../../tree/index.ts";

const types: Readonly<Record<EntryKind, number>> = {
  file: typeRegular,
  directory: typeDirectory,
  symlink: typeSymlink,
  "character-device": typeCharacter,
  "block-device": typeBlock,
  fifo: typeFifo,
  socket: typeSocket,
};
/** What new entries get whose mode nobody knows, less the umask. */
const unknownMode = 0o666;
const unknownDirectoryMode = 0o777;
const nameBytesMax = 255;

/** Entries by their rows: as they were listed, or made anew of what lies in memory in less room. */
export interface RowEntries {
  readonly length: number;
  at(row: number): ListedEntry | undefined;
}

/** A listing on its way. */
export interface ListedRows {
  /** The source's entries in the order of the record. */
  readonly rows: RowEntries;
  readonly record: Uint8Array;
}

/** What a record is made with. */
export interface RecordSettings {
  /** Path in the transfer. */
  readonly path: ByteString;
  /** The nearest directory whose contents an argument brought. */
  readonly top: ByteString;
  /** Only what arguments name is in it. */
  readonly isNamed: boolean;
  /** Its own attributes travel. */
  readonly hasSelf: boolean;
  readonly hides: ((name: ByteString, isDirectory: boolean) => boolean) | undefined;
  /** Names of one file are told apart. */
  readonly fileNumbers: FileNumbers | undefined;
  readonly problems: readonly ProblemEvent[];
}

/** Numbers for the source's words for one file. */
export class FileNumbers {
  readonly #numbers = new Map<string, number>();

  /** Returns the number of a word. */
  of(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(word, number);
    return number;
  }
}

/** Makes the record. */
export function recordOf(listing: SourceListing, settings: RecordSettings): ListedRows {
  const { listed, order, problems } = listedOf(listing, settings);
  const record = encodeDirectory({
    path: settings.path,
    top: settings.top,
    isWhole: !settings.isNamed,
    listing: listed,
    self: settings.hasSelf ? selfOf(listing) : undefined,
    hasInodes: settings.fileNumbers !== undefined,
    absent: [],
    events: problems,
  });
  return { rows: rowsOf(listing, order), record };
}

/** What columns are made with. */
type ColumnSettings = Pick<RecordSettings, "path" | "hides" | "fileNumbers" | "problems">;

/** A directory in columns, in listing order. */
export interface ListedColumns {
  readonly listed: ListedDirectory;
  /** Where each row's entry stands in the source's listing. */
  readonly order: Uint32Array;
  readonly problems: readonly ProblemEvent[];
}

/** Puts what a source has listed into columns. */
export function listedOf(listing: SourceListing, settings: ColumnSettings): ListedColumns {
  const problems = [...settings.problems];
  /** By name: where it stands in the listing. */
  const places = new Map<ByteString, number>();
  let isComplete = listing.isComplete;
  for (const [n, entry] of listing.entries.entries()) {
    if (isUsable(entry) && !places.has(entry.name)) {
      const isDirectory = entry.kind === "directory";
      if (settings.hides?.(entry.name, isDirectory) !== true) places.set(entry.name, n);
      continue;
    }
    isComplete = false;
    problems.push(unusable(settings.path, entry));
  }
  const listed = new ListedDirectory(new Directory());
  listed.path = settings.path;
  const { columns } = listed;
  columns.complete = isComplete;
  for (const n of places.values()) {
    addEntry(listed, listing.entries[n] as ListedEntry, settings.fileNumbers);
  }
  if (sortListing(columns, false)) dropTwins(columns);
  const order = Uint32Array.from(
    { length: columns.count },
    (_, row) => places.get(columns.name(row)) as number,
  );
  return { listed, order, problems };
}

/** Nothing of a listing is kept that can be had again. */
function rowsOf({ entries, again }: SourceListing, order: Uint32Array): RowEntries {
  if (again === undefined) return Array.from(order, (n) => entries[n] as ListedEntry);
  const { length } = order;
  return { length, at: (row) => (row < length ? again(order[row] as number) : undefined) };
}

/** Whatever a server says, a name is a name. */
function isUsable({ name, kind, size, linkTarget }: ListedEntry): boolean {
  const isName =
    name !== "" &&
    name !== "." &&
    name !== ".." &&
    name.length <= nameBytesMax &&
    !name.includes("/") &&
    isGoodPath(name);
  if (kind === "symlink") return isName && linkTarget !== undefined;
  return isName && (kind !== "file" || size !== undefined);
}

function unusable(path: ByteString, { name, kind }: ListedEntry): ProblemEvent {
  const message =
    kind === "symlink"
      ? `a source does not tell where the symbolic link "${toText(name)}" points`
      : `a source lists "${toText(name.slice(0, nameBytesMax))}", which is no name, or has no size`;
  return { type: "problem", path, role: "source", operation: "list", errno: 0, message, exit: 23 };
}

function addEntry(
  listed: ListedDirectory,
  entry: ListedEntry,
  fileNumbers: FileNumbers | undefined,
): void {
  const { columns } = listed;
  const type = types[entry.kind];
  const row = columns.add(entry.name, type | modeOf(entry));
  fillRow(columns, row, entry);
  if (entry.kind === "symlink" && entry.linkTarget !== undefined) {
    columns.size[row] = entry.linkTarget.length;
    columns.setLinkTarget(row, entry.linkTarget);
  }
  columns.rdevMajor[row] = entry.rdevMajor ?? 0;
  columns.rdevMinor[row] = entry.rdevMinor ?? 0;
  columns.nlink[row] = 1;
  if (fileNumbers !== undefined && entry.fileNumber !== undefined) {
    columns.nlink[row] = 2;
    columns.inoLow[row] = fileNumbers.of(entry.fileNumber);
  }
  const { uid, gid, user, group } = entry;
  if (uid !== undefined && user !== undefined) listed.users.set(uid, user);
  if (gid !== undefined && group !== undefined) listed.groups.set(gid, group);
}

function modeOf({ kind, mode }: Pick<ListedEntry, "kind" | "mode">): number {
  if (kind === "symlink") return 0o777;
  return mode ?? (kind === "directory" ? unknownDirectoryMode : unknownMode);
}

function fillRow(columns: Directory, row: number, entry: Partial<ListedEntry>): void {
  columns.size[row] = entry.size ?? 0;
  columns.mtime[row] = entry.mtime ?? 0;
  columns.mtimeNanos[row] = entry.mtimeNanos ?? 0;
  columns.uid[row] = entry.uid ?? 0;
  columns.gid[row] = entry.gid ?? 0;
}

/** The top's own entry. */
export function selfOf({ self }: SourceListing): ListedDirectory | undefined {
  if (self?.mode === undefined) return undefined;
  const listed = new ListedDirectory(new Directory());
  const row = listed.columns.add(".", typeDirectory | self.mode);
  fillRow(listed.columns, row, self);
  return listed;
}
