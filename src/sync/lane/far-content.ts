// The content of files of a source that is elsewhere: what came for a range of entries, put together
// from what was sent and from blocks of the target's own files, and proven by digests before anybody gets
// to see it (promise P7).

import type { ByteString } from "../../base/index.ts";
import { type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { type DigestName, digestOf, equalDigests } from "../../hash/index.ts";
import type { SourceEntry } from "../../pipeline/index.ts";
import { type AheadContent, hasRow, type SameAnswer, type SentFile } from "../../session/index.ts";
import type { Directory } from "../../tree/index.ts";
import { type ArrivedContent, openArrived, type PlacedFile } from "./arrived-content.ts";
import { ArrivingFile, type PieceSource } from "./arriving-file.ts";
import { buildFromBasis, type OwnBasis, openOwn, roomFor } from "./basis-blocks.ts";
import type { ContentOrigin } from "./content-origin.ts";
import type { EntryBases } from "./entry-bases.ts";
import type { EntryContent } from "./entry-content.ts";
import type { ArrivedFile, FarDoor } from "./far-door.ts";
import type { HeldBytes } from "./held-bytes.ts";

/** EBADMSG. */
const damaged = 74;

/** How content came: as messages, with the directory, or as it is read; neither = nothing was wanted. */
export interface FarArrival extends Pick<ContentOrigin, "content" | "ahead" | "earlier" | "rows"> {
  readonly pieces: PieceSource | undefined;
  /** rsync's checksum, where that is what files come with; a large one has it behind all of it. */
  readonly wholeSum?: DigestName | undefined;
}

/** A file that came, and the bytes that it came among. */
type PlacedBytes = PlacedFile & Pick<ArrivedContent, "bytes">;

/** Content that came for entries of one directory. */
export class FarContent implements EntryContent {
  readonly fs: FileSystem;
  readonly #door: FarDoor;
  readonly #bases: EntryBases;
  readonly #rowOf: (index: number) => number;
  readonly #files = new Map<number, PlacedBytes>();
  /** What of the entries that were only asked about is the same; undefined = none was. */
  #same: SameAnswer | undefined;
  readonly #ahead: AheadContent | undefined;
  readonly #pieces: PieceSource | undefined;
  readonly #wholeSum: DigestName | undefined;
  /** The range's one large file, once somebody has asked for it. */
  #arriving: ArrivingFile | undefined;
  /** Parts of the entry that was asked for last. */
  #parts: { readonly index: number; readonly reader: HeldBytes | undefined } | undefined;
  /** The files that are open. */
  readonly #open = new Map<FileHandle, Arrived>();
  /** The bytes of all files that came in one message, one after the other: of the longest, where there were some. */
  readonly bytes: Uint8Array;

  /** Blocks and parts are taken from `bases`. Throws a protocol-data error. */
  constructor(door: FarDoor, bases: EntryBases, arrival: FarArrival) {
    const { earlier = [], content, ahead, pieces, rows, wholeSum } = arrival;
    this.#ahead = ahead;
    this.#wholeSum = wholeSum;
    this.#rowOf = (index) => rows?.[index] ?? index;
    this.fs = door;
    this.#door = door;
    this.#bases = bases;
    this.#pieces = pieces;
    let most: Uint8Array = ahead?.bytes ?? new Uint8Array(0);
    const messages = content === undefined ? earlier : [...earlier, content];
    for (const message of messages) {
      const { files, bytes, same } = openArrived(message, wholeSum);
      this.#same ??= same;
      if (bytes.length > most.length) most = bytes;
      for (const placed of files) {
        this.#files.set(placed.file.row, { ...proven(placed, bytes, wholeSum), bytes });
      }
    }
    this.bytes = most;
  }

  /**
   * Says as which of the target's files the source's end found it to be: 0 = as what stands under the name, else as one
   * of those that were told. Undefined = as none.
   */
  sameAs(listing: Directory, index: number): number | undefined {
    if (this.#pieces !== undefined) return this.#large(listing, index).number;
    if (this.#isSame(index)) return 0;
    const file = this.#placed(listing, index)?.file;
    return file?.kind === "same" ? file.number : undefined;
  }

  /** Says whether the source's end was only asked as which of the target's files it has it, and has it as none of them. */
  isOther(index: number): boolean {
    const file = this.#files.get(this.#rowOf(index))?.file;
    if (file === undefined) return this.#same !== undefined && !this.#isSame(index);
    return file.kind === "whole" && file.length === 0 && file.size > 0;
  }

  #isSame(index: number): boolean {
    return hasRow(this.#same, this.#rowOf(index));
  }

  #placed(listing: Directory, index: number): PlacedBytes | undefined {
    const ahead = this.#ahead;
    const start = ahead?.starts[index] ?? -1;
    if (ahead === undefined || start < 0) {
      const row = this.#rowOf(index);
      if (!this.#isSame(index)) return this.#files.get(row);
      return { file: { row, kind: "same", number: 0 }, start: 0, bytes: this.bytes };
    }
    // What comes with its directory is as that says.
    const [length, mtime] = [listing.size[index] as number, listing.mtime[index] as number];
    const mtimeNanos = listing.mtimeNanos[index] as number;
    const state = { size: length, mtime, mtimeNanos, position: 0 };
    const { bytes } = ahead;
    return { file: { row: index, kind: "whole", ...state, length }, start, bytes };
  }

  /** Where the bytes of a file begin that came whole and is what was listed; -1 = it did not, or is not. */
  startOf(listing: Directory, row: number): number {
    if (this.#ahead !== undefined) return this.#ahead.starts[row] ?? -1;
    const placed = this.#placed(listing, row);
    if (placed?.file.kind !== "whole" || placed.bytes !== this.bytes) return -1;
    const { size, mtime, mtimeNanos, length } = placed.file;
    const isListed =
      size === listing.size[row] &&
      length === size &&
      mtime === listing.mtime[row] &&
      mtimeNanos === listing.mtimeNanos[row];
    return isListed ? placed.start : -1;
  }

  open(entry: SourceEntry): FileHandle {
    const arrived = this.#pieces === undefined ? this.#whole(entry) : this.#arrivingFor(entry);
    const handle = this.#door.openArrived(arrived);
    this.#open.set(handle, arrived);
    return handle;
  }

  isUnchanged(handle: FileHandle, { listing, index }: SourceEntry): boolean {
    const file = this.#open.get(handle);
    return (
      file !== undefined &&
      file.isTorn !== true &&
      file.size === listing.size[index] &&
      file.mtime === listing.mtime[index] &&
      file.mtimeNanos === listing.mtimeNanos[index]
    );
  }

  refresh(handle: FileHandle, { listing, index }: SourceEntry): boolean {
    const file = this.#open.get(handle);
    if (file === undefined) return false;
    listing.size[index] = file.size;
    listing.mtime[index] = file.mtime;
    listing.mtimeNanos[index] = file.mtimeNanos;
    return true;
  }

  matchedBytes(handle: FileHandle): number {
    return this.#open.get(handle)?.matched ?? 0;
  }

  close(): void {
    this.#open.clear();
    this.#arriving?.close();
    this.#parts?.reader?.close();
    this.#parts = undefined;
  }

  #large(listing: Directory, index: number): ArrivingFile {
    const basis = this.#basisOf(listing.name(index), index);
    const row = this.#rowOf(index);
    this.#arriving ??= new ArrivingFile(this.#pieces as PieceSource, row, basis, this.#wholeSum);
    return this.#arriving;
  }

  #basisOf(name: ByteString, index: number): OwnBasis {
    const open = (): FileHandle => this.#bases.open(name, index);
    const openStanding = (): FileHandle | undefined => this.#bases.openStanding(name, index);
    const digestName = this.#wholeSum ?? "blake3";
    return { fs: this.#door, name, open, openStanding, digestName, held: this.#partsOf(index) };
  }

  #partsOf(index: number): HeldBytes | undefined {
    if (this.#parts?.index !== index) {
      this.#parts?.reader?.close();
      this.#parts = { index, reader: this.#bases.parts(index) };
    }
    return this.#parts.reader;
  }

  #arrivingFor({ listing, index }: SourceEntry): ArrivingFile {
    const file = this.#large(listing, index);
    file.checkReadable();
    file.settleAs({
      size: listing.size[index] as number,
      mtime: listing.mtime[index] as number,
      mtimeNanos: listing.mtimeNanos[index] as number,
    });
    return file;
  }

  #whole({ listing, index, name }: SourceEntry): Arrived {
    const placed = this.#placed(listing, index);
    // It was wished for, and the answer is about other files.
    if (placed === undefined) throw new FsError(damaged, "receive", name);
    const { file, start, bytes: sent } = placed;
    const basis = this.#basisOf(name, index);
    if (file.kind === "problem") throw new FsError(file.errno, file.operation, name);
    if (file.kind === "same") {
      // Whoever can has made it of that file.
      if (file.number > 0) throw new FsError(damaged, "receive", name);
      const size = listing.size[index] as number;
      const bytes = roomFor(name, size);
      const own = openOwn(basis);
      try {
        own.checkSize(size);
        own.read(bytes, 0);
      } finally {
        own.close();
      }
      const mtime = listing.mtime[index] as number;
      const mtimeNanos = listing.mtimeNanos[index] as number;
      const at = (position: number): Uint8Array => bytes.subarray(position);
      return { size, mtime, mtimeNanos, matched: size, at };
    }
    const { size, mtime, mtimeNanos } = file;
    if (file.kind === "whole" && file.position > 0 && file.position + file.length === size) {
      return { ...{ size, mtime, mtimeNanos, matched: 0 }, at: endOf(name, file, sent, start) };
    }
    // What is longer or shorter than it says is no file of any digest.
    if (file.kind === "whole" && file.length !== size) throw new FsError(damaged, "receive", name);
    const { bytes, matched } =
      file.kind === "whole"
        ? { bytes: sent.subarray(start, start + size), matched: 0 }
        : buildFromBasis(basis, file, sent, start, (length) => length === size);
    return { size, mtime, mtimeNanos, matched, at: (position) => bytes.subarray(position) };
  }
}

/** Returns how what lies behind the end of the target's own file is read (--append): there is nothing before it. */
function endOf(
  name: ByteString,
  { position: from, length }: SentFile & { readonly kind: "whole" },
  sent: Uint8Array,
  start: number,
): ArrivedFile["at"] {
  return (position) => {
    if (position < from) throw new FsError(damaged, "receive", name);
    return sent.subarray(start + position - from, start + length);
  };
}

/** Holds a whole file against rsync's checksum, where it came with one. */
function proven({ file, start }: PlacedFile, bytes: Uint8Array, name?: DigestName): PlacedFile {
  if (file.kind !== "whole" || file.sum === undefined) return { file, start };
  const digest = digestOf(name ?? "blake3", bytes, start, start + file.length);
  if (equalDigests(digest, file.sum)) return { file, start };
  const { row } = file;
  const problem = { kind: "problem", operation: "receive", errno: damaged } as const;
  return { file: { ...problem, row, message: undefined }, start };
}

interface Arrived extends ArrivedFile {
  /** Bytes that the target had itself. */
  readonly matched: number;
  /** It changed while it was read. */
  readonly isTorn?: boolean;
}
