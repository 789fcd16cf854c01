// The digests of one root's files, as one lane looks them up and remembers them. The lane has a window on the file, and
// appends what is new a block at a time.

import {
  appendToKeptFile,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
  keptFileMoment,
  type Moment,
  readKeptFile,
  Stat,
} from "../fs/index.ts";
import type { SharedDigests } from "./digest-file.ts";
import {
  dayWord,
  deviceWord,
  digestWord,
  entryBytes,
  entryWords,
  type FileState,
  hasState,
  inodePrint,
  isInDate,
  isSealed,
  seal,
  writeState,
} from "./entry.ts";
import { EntryIndex } from "./entry-index.ts";

/** Files that were digested together are asked for together; a larger window costs more where they are not. */
const windowEntries = 256;
/** Entries that are appended in one piece. */
const blockEntries = 4096;
/** What a killed run has to read again at most, for each lane. */
const blockBytesRead = 1024 ** 3;
const digestWords = 8;
const nanosPerSecond = 1e9;
/** A file system whose times are no finer than this may not tell two changes apart, nor two files. */
const coarseNanos = 1_000_000;

/** Where a file was read: its door, and its own handle or its directory's. */
export type DigestPlace =
  | { readonly fs: FileSystem; readonly file: FileHandle }
  | { readonly fs: FileSystem; readonly dir: DirHandle };

/** Belongs to one thread. */
export class RootDigests {
  /** The digest that find() found. */
  readonly found = new Uint8Array(4 * digestWords);
  readonly #foundWords = new Uint32Array(this.found.buffer);
  readonly #shared: SharedDigests;
  readonly #index: EntryIndex;
  readonly #windowBytes = new Uint8Array(windowEntries * entryBytes);
  readonly #window = new Uint32Array(this.#windowBytes.buffer);
  /** The number of the window's first entry, and how many it has. */
  #windowFirst = -1;
  #windowCount = 0;
  #foundAt = 0;
  #block: Uint32Array | undefined;
  #blockUsed = 0;
  #blockRead = 0;
  #remembers: boolean;
  /** Device to whether its file system can be taken at its word. */
  readonly #devices = new Map<number, boolean>();

  constructor(shared: SharedDigests) {
    this.#shared = shared;
    this.#index = new EntryIndex(shared.index);
    this.#remembers = shared.began !== undefined;
  }

  /** Looks for the digest of a file in that state; false = it is not known. */
  find(file: FileState): boolean {
    const device = deviceWord(file.devMajor, file.devMinor);
    const print = inodePrint(device, file.inoLow, file.inoHigh);
    const number = this.#index.find(print);
    if (number === 0) return false;
    const words = this.#window;
    const at = this.#look(number) * entryWords;
    if (at < 0 || !hasState(words, at, device, file) || !isSealed(words, at)) return false;
    if (!isInDate(words[at + dayWord] as number, this.#shared.today, print)) return false;
    for (let word = 0; word < digestWords; word++) {
      this.#foundWords[word] = words[at + digestWord + word] as number;
    }
    this.#foundAt = at;
    return true;
  }

  /** Copies the whole entry that find() found to `into` from `at`, in words. */
  copyFound(into: Uint32Array, at: number): void {
    into.set(this.#window.subarray(this.#foundAt, this.#foundAt + entryWords), at);
  }

  /** Says whether two that find() found are the same. */
  foundSameAs(other: RootDigests): boolean {
    for (let word = 0; word < digestWords; word++) {
      if (this.#foundWords[word] !== other.#foundWords[word]) return false;
    }
    return true;
  }

  /** The same as a digest of its own; undefined = it is not known. */
  lookup(file: FileState): Uint8Array | undefined {
    return this.find(file) ? this.found.slice() : undefined;
  }

  /** Says whether there is any use in digests that nobody else asks for. */
  get remembers(): boolean {
    return this.#remembers;
  }

  /**
   * Remembers a file's BLAKE3 digest. The state is that from before the file was read, and still the file's after that: this
   * is for the caller to see to. What could change once more and look the same is not remembered.
   */
  remember(file: FileState, digest: Uint8Array, place: DigestPlace): void {
    if (!this.#remembers || !this.#isSettled(file) || !this.#stampsChanges(file, place)) return;
    this.#block ??= new Uint32Array(blockEntries * entryWords);
    const block = this.#block;
    const at = this.#blockUsed * entryWords;
    if (!writeState(block, at, file)) return;
    block[at + dayWord] = this.#shared.today;
    new Uint8Array(block.buffer, 4 * (at + digestWord), digest.length).set(digest);
    seal(block, at);
    this.#blockUsed++;
    this.#blockRead += file.size;
    if (this.#blockUsed === blockEntries || this.#blockRead >= blockBytesRead) this.flush();
  }

  /** Writes what was remembered. What cannot be written is forgotten, and nothing more is remembered. */
  flush(): void {
    const { descriptor, path, began } = this.#shared;
    const block = this.#block;
    const used = this.#blockUsed;
    this.#blockUsed = 0;
    this.#blockRead = 0;
    if (block === undefined || used === 0 || began === undefined) return;
    try {
      // A clock that was set back gives times again that it gave before.
      const now = keptFileMoment(path, { descriptor, size: 0 });
      if (now === undefined || isBefore(now, began)) this.#remembers = false;
      else appendToKeptFile(descriptor, new Uint8Array(block.buffer, 0, used * entryBytes));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.#remembers = false;
    }
  }

  /** Returns where in the window an entry is, after moving the window if need be; -1 = it cannot be read. */
  #look(number: number): number {
    const offset = number - this.#windowFirst;
    if (this.#windowFirst >= 0 && offset >= 0 && offset < this.#windowCount) return offset;
    const first = number - (number % windowEntries);
    const bytes = this.#windowBytes;
    try {
      const { descriptor } = this.#shared;
      const length = readKeptFile(descriptor, bytes, bytes.length, first * entryBytes);
      this.#windowFirst = first;
      this.#windowCount = Math.floor(length / entryBytes);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.#windowFirst = -1;
      return -1;
    }
    return number - first < this.#windowCount ? number - first : -1;
  }

  /** The file's last change is so long ago that the next one will have another time (git's rule for racy entries). */
  #isSettled({ ctime, ctimeNanos }: FileState): boolean {
    const { began, settledMs } = this.#shared;
    if (began === undefined || ctimeNanos % coarseNanos === 0) return false;
    const age = (began.seconds - ctime) * nanosPerSecond + began.nanos - ctimeNanos;
    return age > settledMs * 1e6;
  }

  #stampsChanges(file: FileState, place: DigestPlace): boolean {
    const device = file.devMajor * 2 ** 20 + file.devMinor;
    let stamps = this.#devices.get(device);
    if (stamps === undefined) {
      stamps = stampsChanges(file, place);
      this.#devices.set(device, stamps);
    }
    return stamps;
  }
}

const stat = new Stat();

function stampsChanges({ devMajor, devMinor }: FileState, place: DigestPlace): boolean {
  const { fs } = place;
  try {
    if ("file" in place) fs.statFile(place.file, stat);
    else fs.statDirectory(place.dir, stat);
    // A file that is mounted on its name lies elsewhere than its directory.
    if (stat.devMajor !== devMajor || stat.devMinor !== devMinor) return false;
    return fs.stampsChanges?.("file" in place ? place.file : place.dir) ?? false;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // Whatever is wrong with it, it was read.
    return false;
  }
}

function isBefore(one: Moment, other: Moment): boolean {
  return one.seconds < other.seconds || (one.seconds === other.seconds && one.nanos < other.nanos);
}
