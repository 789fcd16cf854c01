// Content on its way into a changeset: a file of the source is opened, must be what the order says it
// is (before and after it was read), and becomes tokens with a digest behind them.

import { type ByteString, joinPath } from "../../base/index.ts";
import {
  type Basis,
  type ChangesetWriter,
  literalBytesAim,
  type OrderedDirectory,
  type Token,
} from "../../changeset/index.ts";
import { blockOffset, type Signature } from "../../delta/index.ts";
import { type DirHandle, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { createDigest, type Digest, digestOf, equalDigests } from "../../hash/index.ts";
import { isRegular, sameNanos } from "../../tree/index.ts";
import { digestOpenFile } from "../lane/file-digest.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { ToldProblem } from "./listing-stream.ts";
import { matchInTurns } from "./match-in-turns.ts";
import type { Steps } from "./steps.ts";

const stat = new Stat();
const piece = new Uint8Array(literalBytesAim);
const noEntry = 2;
/** Copies of one record; literals have a limit of their own. */
const tokensMax = 4096;

/** Where files are that are not simply below the lane's first root. */
export interface SourcePlace {
  /** Throws FsError. */
  open(path: ByteString, name: ByteString): FileHandle;
  /** How messages name the file. */
  labelOf(path: ByteString, name: ByteString): ByteString;
}

/** Sends the content of files of one tree. */
export class SentFiles {
  readonly #lane: LaneContext;
  readonly #writer: ChangesetWriter;
  readonly #problem: (problem: ToldProblem) => void;
  readonly #place: SourcePlace | undefined;
  #path: ByteString | undefined;
  #dir: DirHandle | undefined;

  constructor(
    lane: LaneContext,
    writer: ChangesetWriter,
    problem: (problem: ToldProblem) => void,
    place?: SourcePlace,
  ) {
    this.#place = place;
    this.#lane = lane;
    this.#writer = writer;
    this.#problem = problem;
  }

  /** Writes the data of row `row`, or a problem. `index`: which of its record's orders it is. One file at a time. */
  *send(
    orders: OrderedDirectory,
    row: number,
    signature: Signature | undefined,
    index = row,
  ): Steps {
    const name = orders.name(row);
    let file: FileHandle;
    try {
      file = this.#place?.open(orders.path, name) ?? this.#open(orders.path, name);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.#tell(orders.path, name, error.operation, error.errno);
      return;
    }
    try {
      yield* this.#sendOpen(orders, row, file, signature, index);
    } finally {
      this.#lane.sourceFs.closeFile(file);
    }
  }

  /** Closes what is open. */
  close(): void {
    if (this.#dir !== undefined) this.#lane.sourceFs.closeDirectory(this.#dir);
    this.#dir = undefined;
    this.#path = undefined;
  }

  #open(path: ByteString, name: ByteString): FileHandle {
    const { sourceFs, roots, follow, settings } = this.#lane;
    if (path !== this.#path) {
      this.close();
      this.#dir = sourceFs.openDirectory(roots[0]?.dir as DirHandle, path, follow);
      this.#path = path;
    }
    const noAtime = settings.options.transfer.openNoatime;
    return sourceFs.openRead(this.#dir as DirHandle, name, { follow, noAtime });
  }

  *#sendOpen(
    orders: OrderedDirectory,
    row: number,
    file: FileHandle,
    signature: Signature | undefined,
    index: number,
  ): Steps {
    const name = orders.name(row);
    const changed = (): void =>
      this.#tell(orders.path, name, "read", 0, "it is no longer what the changeset says");
    if (!this.#isAsOrdered(orders, row, file)) {
      changed();
      return;
    }
    const tokens = new TokenRecords(this.#writer, index);
    let digest: Uint8Array | null = null;
    try {
      digest = yield* this.#content(orders, row, file, signature, tokens);
      // What was read has the wanted length only if it is the wanted content.
      if (tokens.bytes !== orders.after.columns.size[row]) digest = null;
      else if (!this.#isAsOrdered(orders, row, file)) digest = null;
      tokens.finish(digest);
      if (digest === null) changed();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      tokens.finish(null);
      this.#tell(orders.path, name, error.operation, error.errno);
    }
  }

  /** Turns the file into tokens and returns its digest. */
  *#content(
    orders: OrderedDirectory,
    row: number,
    file: FileHandle,
    signature: Signature | undefined,
    tokens: TokenRecords,
  ): Steps<Uint8Array> {
    const fs = this.#lane.sourceFs;
    const { digest: name } = this.#writer.header;
    const size = orders.after.columns.size[row] as number;
    const basis = basisOf(orders, row);
    const isBelieved =
      basis?.digest === undefined && signature === undefined && orders.bases.has(row);
    if (basis?.size === size && (isBelieved || basis.digest !== undefined)) {
      const digest = digestOpenFile(fs, file, name);
      if (basis.digest === undefined || equalDigests(digest, basis.digest)) {
        tokens.all(size);
        return digest;
      }
    }
    if (signature === undefined && size <= piece.length) {
      const length = size === 0 ? 0 : fs.read(file, piece, 0, size, 0);
      tokens.whole(piece, length);
      return digestOf(name, piece, 0, length);
    }
    const digest = createDigest(name);
    if (signature !== undefined) {
      const sink = {
        copy: (first: number, count: number): void => {
          const offset = blockOffset(signature, first);
          tokens.copy(offset, blockOffset(signature, first + count) - offset);
        },
        literal: (bytes: Uint8Array, start: number, end: number): void =>
          tokens.literal(bytes, start, end),
      };
      const read = (into: Uint8Array, offset: number, length: number, position: number): number =>
        fs.read(file, into, offset, Math.min(length, Math.max(size - position, 0)), position);
      const observe = (bytes: Uint8Array, start: number, end: number): void =>
        digest.update(bytes, start, end);
      yield* matchInTurns({ signature, read, observe, hash: name }, size, sink);
    } else yield* readLiterals(fs, file, size, digest, tokens);
    return digest.digest();
  }

  /** Says whether the open file is the one that the order describes. */
  #isAsOrdered({ after }: OrderedDirectory, row: number, file: FileHandle): boolean {
    const { size, mtime, mtimeNanos } = after.columns;
    const fs = this.#lane.sourceFs;
    fs.statFile(file, stat);
    const nanos = mtimeNanos[row] as number;
    return (
      isRegular(stat.mode) &&
      stat.size === size[row] &&
      stat.mtime === mtime[row] &&
      (nanos === 0 || stat.mtimeNanos === 0 || sameNanos(fs.abilities, stat.mtimeNanos, nanos))
    );
  }

  #tell(
    path: ByteString,
    name: ByteString,
    operation: string,
    errno: number,
    message?: ByteString,
  ): void {
    const label =
      this.#place?.labelOf(path, name) ?? (this.#lane.roots[0]?.label ?? "") + joinPath(path, name);
    const exit = errno === noEntry ? 24 : 23;
    this.#problem({ path: label, role: "source", operation, errno, exit, message });
  }
}

function basisOf(
  orders: OrderedDirectory,
  row: number,
): Pick<Basis, "size" | "digest"> | undefined {
  const basis = orders.bases.get(row);
  if (basis !== undefined) return basis;
  const { columns, digests } = orders.before;
  if (!isRegular(columns.mode[row] as number)) return undefined;
  return { size: columns.size[row] as number, digest: digests.get(row) };
}

function* readLiterals(
  fs: LaneContext["sourceFs"],
  file: FileHandle,
  size: number,
  digest: Digest,
  tokens: TokenRecords,
): Steps {
  for (let position = 0; position < size; ) {
    const length = fs.read(file, piece, 0, Math.min(piece.length, size - position), position);
    if (length === 0) return;
    digest.update(piece, 0, length);
    tokens.literal(piece, 0, length);
    position += length;
    yield;
  }
}

/** Tokens of one file on their way into records of good size. */
class TokenRecords {
  bytes = 0;
  readonly #writer: ChangesetWriter;
  readonly #index: number;
  readonly #memory = literalMemory;
  #used = 0;
  #tokens: Token[] = [];

  constructor(writer: ChangesetWriter, index: number) {
    this.#writer = writer;
    this.#index = index;
  }

  all(size: number): void {
    this.#tokens.push({ kind: "all" });
    this.bytes += size;
  }

  copy(offset: number, length: number): void {
    this.#tokens.push({ kind: "copy", offset, length });
    this.bytes += length;
    if (this.#tokens.length >= tokensMax) this.#flush();
  }

  /** All of it in one piece, which stays as it is until finish(). */
  whole(bytes: Uint8Array, length: number): void {
    this.bytes += length;
    if (length > 0) this.#tokens.push({ kind: "literal", bytes: bytes.subarray(0, length) });
  }

  literal(bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start;
    for (let at = start; at < end; ) {
      if (this.#used === this.#memory.length) this.#flush();
      const length = Math.min(end - at, this.#memory.length - this.#used);
      this.#memory.set(bytes.subarray(at, at + length), this.#used);
      const piece = this.#memory.subarray(this.#used, this.#used + length);
      this.#tokens.push({ kind: "literal", bytes: piece });
      this.#used += length;
      at += length;
    }
    if (this.#tokens.length >= tokensMax) this.#flush();
  }

  finish(digest: Uint8Array | null): void {
    this.#writer.data({ index: this.#index, tokens: this.#tokens, digest });
  }

  #flush(): void {
    this.#writer.data({ index: this.#index, tokens: this.#tokens, digest: undefined });
    this.#tokens = [];
    this.#used = 0;
  }
}

/** One file is sent at a time. */
const literalMemory = new Uint8Array(literalBytesAim);
