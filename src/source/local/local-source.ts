// A folder of this machine (or of a file system that is mounted here) as a source. Calls block the thread for as long as the
// disk takes; between any two of them the thread does other things.

import { type ByteString, baseName, parentPath } from "../../base/index.ts";
import {
  closeRead,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
  Stat,
} from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import { Directory, isRegular } from "../../tree/index.ts";
import { kindOf } from "../entry-kind.ts";
import type {
  FileChunk,
  ListedEntry,
  Source,
  SourceAbilities,
  SourceFile,
  SourceListing,
  SourcePart,
} from "../source.ts";
import { SourceError } from "../source-error.ts";

/** What a local source is made of. */
export interface LocalSourceSettings {
  readonly fs: FileSystem;
  /** The folder, as the operator named it: symlinks on the way are followed. */
  readonly path: ByteString;
  /** How people call it; undefined = by its path. */
  readonly label?: string | undefined;
}

const chunkBytes = 256 * 1024;
/** One disk gains nothing from more, and a spinning one loses. */
const connectionsMax = 2;

/** Such a source. */
export class LocalSource implements Source {
  readonly url: string;
  readonly #fs: FileSystem;
  readonly #path: ByteString;
  readonly #listing = new Directory();
  readonly #stat = new Stat();
  #root: DirHandle | undefined;

  constructor({ fs, path, label }: LocalSourceSettings) {
    this.url = label ?? path;
    this.#fs = fs;
    this.#path = path;
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    signal.throwIfAborted();
    this.#root ??= tried("connection", () => this.#fs.openRoot(this.#path, "anywhere"));
    return {
      ranges: true,
      listsAtOnce: false,
      digests: true,
      tells: {
        modes: true,
        owners: true,
        symlinks: true,
        devices: true,
        hardLinks: true,
        directoryTimes: true,
      },
      timeStep: 0,
      connectionsMax,
      depth: 32,
      generation: undefined,
    };
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    signal.throwIfAborted();
    const fs = this.#fs;
    const dir = this.#open(path);
    try {
      return tried("unreadable", () => {
        const listing = this.#listing;
        listing.clear();
        fs.readNames(dir, listing);
        fs.statEntries(dir, listing, 0, listing.count);
        const entries: ListedEntry[] = [];
        let isComplete = listing.complete;
        for (let row = 0; row < listing.count; row++) {
          const problem = listing.problem[row] as number;
          if (problem === 0) entries.push(this.#entry(dir, listing, row));
          else if (problem !== absent) isComplete = false;
        }
        fs.statDirectory(dir, this.#stat);
        const { mode, mtime, mtimeNanos, uid, gid } = this.#stat;
        const self = { mode: mode & 0o7777, mtime, mtimeNanos, uid, gid };
        return { entries, isComplete, self };
      });
    } finally {
      fs.closeDirectory(dir);
    }
  }

  #entry(dir: DirHandle, listing: Directory, row: number): ListedEntry {
    const name = listing.name(row);
    const mode = listing.mode[row] as number;
    const kind = kindOf(mode);
    const isDevice = kind === "character-device" || kind === "block-device";
    const hasNames = kind !== "directory" && (listing.nlink[row] as number) > 1;
    const numbers = [listing.devMajor, listing.devMinor, listing.inoHigh, listing.inoLow];
    return {
      name,
      kind,
      size: kind === "file" ? (listing.size[row] as number) : undefined,
      mtime: listing.mtime[row] as number,
      mtimeNanos: listing.mtimeNanos[row] as number,
      mode: mode & 0o7777,
      uid: listing.uid[row] as number,
      gid: listing.gid[row] as number,
      linkTarget: kind === "symlink" ? this.#linkTarget(dir, name) : undefined,
      rdevMajor: isDevice ? (listing.rdevMajor[row] as number) : undefined,
      rdevMinor: isDevice ? (listing.rdevMinor[row] as number) : undefined,
      fileNumber: hasNames ? numbers.map((column) => column[row]).join(":") : undefined,
    };
  }

  #linkTarget(dir: DirHandle, name: ByteString): ByteString | undefined {
    try {
      return this.#fs.readLink(dir, name);
    } catch (error) {
      // It has gone, or is something else by now: without a target it is of no use to anybody.
      if (error instanceof FsError) return undefined;
      throw error;
    }
  }

  async look({ path, entry }: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    signal.throwIfAborted();
    const { size, mtime, mtimeNanos } = this.#withFile({ path, entry }, (file) => {
      this.#fs.statFile(file, this.#stat);
      return this.#stat;
    });
    return { ...entry, size, mtime, mtimeNanos };
  }

  async *read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    signal.throwIfAborted();
    const handle = this.#openFile(file);
    try {
      this.#check(handle, file);
      yield* this.#chunks(handle, part, signal);
      this.#check(handle, file);
    } finally {
      closeRead(this.#fs, handle);
    }
  }

  async *readFiles(files: readonly SourceFile[], signal: AbortSignal): AsyncIterable<FileChunk> {
    for (const [number, file] of files.entries()) {
      const length = file.entry.size ?? 0;
      if (length === 0) yield { file: number, bytes: new Uint8Array(0) };
      else {
        for await (const bytes of this.read(file, { offset: 0, length }, signal)) {
          yield { file: number, bytes };
        }
      }
    }
  }

  async digest(file: SourceFile, part: SourcePart, signal: AbortSignal): Promise<Uint8Array> {
    const digest = createDigest("blake3");
    for await (const bytes of this.read(file, part, signal)) digest.update(bytes);
    return digest.digest();
  }

  async close(): Promise<void> {
    if (this.#root !== undefined) this.#fs.closeDirectory(this.#root);
    this.#root = undefined;
  }

  async *#chunks(
    handle: FileHandle,
    { offset, length }: SourcePart,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const room = new Uint8Array(Math.min(chunkBytes, length));
    for (let done = 0; done < length; ) {
      const wanted = Math.min(room.length, length - done);
      const got = tried("unreadable", () => this.#fs.read(handle, room, 0, wanted, offset + done));
      if (got === 0) throw new SourceError("changed", "A file has become shorter");
      done += got;
      yield room.subarray(0, got);
      // Others go on meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }

  /** What is read has to be what was listed, before and after. */
  #check(handle: FileHandle, { entry }: SourceFile): void {
    const { size, mtime, mtimeNanos = 0, mtimeSlack = 0 } = entry;
    const stat = this.#stat;
    tried("unreadable", () => this.#fs.statFile(handle, stat));
    const isSameTime =
      mtime === undefined ||
      (stat.mtime === mtime && stat.mtimeNanos === mtimeNanos) ||
      Math.abs(stat.mtime - mtime + (stat.mtimeNanos - mtimeNanos) / 1e9) < mtimeSlack;
    const isListed = isRegular(stat.mode) && stat.size === (size ?? stat.size) && isSameTime;
    if (!isListed) throw new SourceError("changed", "A file is not what was listed");
  }

  #withFile<T>(file: SourceFile, act: (handle: FileHandle) => T): T {
    const handle = this.#openFile(file);
    try {
      return tried("unreadable", () => act(handle));
    } finally {
      closeRead(this.#fs, handle);
    }
  }

  #openFile({ path }: SourceFile): FileHandle {
    const dir = this.#open(parentPath(path));
    try {
      return tried("unreadable", () => this.#fs.openRead(dir, baseName(path)));
    } finally {
      this.#fs.closeDirectory(dir);
    }
  }

  #open(path: ByteString): DirHandle {
    const root = this.#root;
    if (root === undefined) throw new SourceError("connection", "The folder is not open");
    return tried("unreadable", () => this.#fs.openDirectory(root, path));
  }
}

const absent = 2;
/** ENOENT, ENOTDIR, ELOOP: nothing is there, or something else. */
const absences: readonly number[] = [absent, 20, 40];

/** Does something with files; what goes wrong is told in a source's words, absence as such. */
function tried<T>(trouble: "connection" | "unreadable", act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const isAbsent = trouble === "unreadable" && absences.includes(error.errno);
    throw new SourceError(isAbsent ? "absent" : trouble, error.message, { cause: error });
  }
}
