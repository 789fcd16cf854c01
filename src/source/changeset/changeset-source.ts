// A captured changeset as a source: it has what it brings, anywhere in it, and knows nothing of what it leaves as it was. All of its
// file is read and verified once, before anything of it is believed.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { ChangesetReader, type ChangesetRecord } from "../../changeset/index.ts";
import { closeRead, type FileHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import type {
  ListedEntry,
  Source,
  SourceAbilities,
  SourceFile,
  SourceListing,
  SourcePart,
} from "../source.ts";
import { SourceError } from "../source-error.ts";
import { ChangesetTree, type Extent, type HeldEntry } from "./changeset-tree.ts";
import { FramedBytes } from "./framed-bytes.ts";

/** What such a source is made of. */
export interface ChangesetSourceSettings {
  readonly fs: FileSystem;
  /** The directory, as the operator named it, and the file's name in it. */
  readonly folder: ByteString;
  readonly name: ByteString;
  /** How people call it. */
  readonly label: string;
}

const pieceBytes = 1024 * 1024;
/** One disk. */
const connectionsMax = 2;

/** Such a source. */
export class ChangesetSource implements Source {
  readonly url: string;
  readonly #fs: FileSystem;
  readonly #folder: ByteString;
  readonly #name: ByteString;
  readonly #tree = new ChangesetTree();
  readonly #seen = new Stat();
  #file: FileHandle | undefined;
  /** Of one that is compressed. */
  #framed: FramedBytes | undefined;

  constructor({ fs, folder, name, label }: ChangesetSourceSettings) {
    this.url = label;
    this.#fs = fs;
    this.#folder = folder;
    this.#name = name;
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    this.#file ??= this.#tried(() => this.#open());
    await this.#readAll(this.#file, signal);
    const preserves = new Set(this.#tree.header?.preserves);
    return {
      ranges: true,
      listsAtOnce: true,
      listing: "the changeset",
      digests: false,
      tells: {
        modes: preserves.has("mode"),
        owners: preserves.has("owner") && preserves.has("group"),
        symlinks: true,
        devices: true,
        hardLinks: preserves.has("hard-links"),
        directoryTimes: preserves.has("mtime"),
      },
      timeStep: 0,
      connectionsMax,
      depth: 1,
      generation: undefined,
    };
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    signal.throwIfAborted();
    const listing = this.#tree.list(path);
    if (listing === undefined) throw new SourceError("absent", "It has no such directory");
    return listing;
  }

  async look({ path }: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    signal.throwIfAborted();
    return this.#find(path).entry;
  }

  async *read(
    { path, entry }: SourceFile,
    { offset, length }: SourcePart,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    signal.throwIfAborted();
    const held = this.#find(path);
    checkState(held.entry, entry);
    const room = new Uint8Array(Math.min(pieceBytes, length));
    let left = length;
    for (const { position, length: bytes } of from(held.extents, offset)) {
      for (let at = 0; at < bytes && left > 0; ) {
        const wanted = Math.min(room.length, bytes - at, left);
        this.#fill(room.subarray(0, wanted), position + at);
        at += wanted;
        left -= wanted;
        yield room.subarray(0, wanted);
        // Others go on meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
    }
    if (left > 0) throw new SourceError("changed", `A file ends ${left} bytes too early`);
  }

  async close(): Promise<void> {
    if (this.#file !== undefined) closeRead(this.#fs, this.#file);
    this.#file = undefined;
  }

  #find(path: ByteString): HeldEntry {
    const held = this.#tree.find(path);
    if (held?.entry.kind !== "file")
      throw new SourceError("absent", "The changeset does not bring the content of such a file");
    return held;
  }

  #open(): FileHandle {
    const fs = this.#fs;
    const dir = fs.openRoot(this.#folder, "anywhere");
    try {
      const file = fs.openRead(dir, this.#name, { follow: "anywhere" });
      fs.statFile(file, this.#seen);
      return file;
    } finally {
      fs.closeDirectory(dir);
    }
  }

  async #readAll(file: FileHandle, signal: AbortSignal): Promise<void> {
    const reader = new ChangesetReader();
    const piece = new Uint8Array(pieceBytes);
    try {
      for (let position = 0; ; ) {
        signal.throwIfAborted();
        const got = this.#tried(() => this.#fs.read(file, piece, 0, piece.length, position));
        if (got === 0) break;
        position += got;
        reader.push(piece.subarray(0, got));
        for (let record = reader.next(); record !== undefined; record = reader.next()) {
          if (record.type === "header") this.#begin(reader, record);
          this.#tree.take(record);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      reader.finish();
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      throw new SourceError("protocol", error.message, { cause: error });
    }
  }

  #begin(
    reader: ChangesetReader,
    { header, place }: Extract<ChangesetRecord, { type: "header" }>,
  ): void {
    const { compression } = header;
    if (compression === "none") return;
    const framed = new FramedBytes(compression, place.length, (into, position) =>
      this.#readFile(into, position),
    );
    reader.onFrame = (frame) => framed.add(frame);
    this.#framed = framed;
  }

  /** Reads bytes by their place in the changeset, as it is uncompressed. */
  #fill(into: Uint8Array, position: number): void {
    if (this.#framed === undefined) this.#readFile(into, position);
    else this.#framed.read(into, position);
  }

  /** Reads bytes of the file, which has to be what it was when it was verified. */
  #readFile(into: Uint8Array, position: number): void {
    const file = this.#file;
    if (file === undefined) throw new SourceError("connection", "The changeset is not open");
    this.#tried(() => {
      const now = new Stat();
      this.#fs.statFile(file, now);
      const { size, mtime, mtimeNanos } = this.#seen;
      if (now.size !== size || now.mtime !== mtime || now.mtimeNanos !== mtimeNanos)
        throw new SourceError("protocol", "The changeset has been written to meanwhile");
      for (let done = 0; done < into.length; ) {
        const got = this.#fs.read(file, into, done, into.length - done, position + done);
        if (got === 0) throw new SourceError("protocol", "The changeset has become shorter");
        done += got;
      }
    });
  }

  #tried<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new SourceError("connection", error.message, { cause: error });
    }
  }
}

/** What is behind the first `offset` bytes. */
function* from(extents: readonly Extent[], offset: number): Generator<Extent> {
  let open = offset;
  for (const { position, length } of extents) {
    const skipped = Math.min(open, length);
    open -= skipped;
    if (skipped < length) yield { position: position + skipped, length: length - skipped };
  }
}

/** Throws unless what the changeset brings is what somebody else has listed. */
function checkState(held: ListedEntry, wanted: ListedEntry): void {
  if (wanted.size !== undefined && wanted.size !== held.size)
    throw new SourceError("changed", `A file has ${held.size} bytes, ${wanted.size} were listed`);
  const { mtime, mtimeNanos = 0, mtimeSlack = 0 } = wanted;
  if (mtime === undefined || held.mtime === undefined) return;
  const off = Math.abs(held.mtime - mtime + ((held.mtimeNanos ?? 0) - mtimeNanos) / 1e9);
  if (off !== 0 && off >= mtimeSlack)
    throw new SourceError("changed", "A file is of another time than was listed");
}
