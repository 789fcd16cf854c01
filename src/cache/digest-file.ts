// The cache file of one root, as whoever owns a run has it: opened and indexed before the lanes begin, closed when they
// have ended. What cannot be used is done without: a cache is never a reason to fail.

import { type ByteString, errno, parentPath, toText } from "../base/index.ts";
import {
  appendToKeptFile,
  closeKeptFile,
  FsError,
  type KeptFile,
  keptFileMoment,
  type Moment,
  makeKeptDirectory,
  openKeptFile,
  removeSmallFile,
  writeKeptFile,
} from "../fs/index.ts";
import { compactDigests } from "./compact.ts";
import { entryBytes } from "./entry.ts";
import { entriesMax } from "./entry-index.ts";
import { encodeHead, type FileHead, readHead } from "./file-head.ts";
import { loadIndex } from "./load-index.ts";

const msPerDay = 24 * 60 * 60 * 1000;
/** Below this it does not matter how many entries are dead. Arbitrary. */
const deadMin = 4096;

/** manifold, and ~/.cache; not a home that is not there. */
const levelsMade = 2;

/** Which file, and what is known of time. */
export interface DigestFileOptions {
  readonly path: ByteString;
  /** The root that it is about, absolute. */
  readonly root: ByteString;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
  /** Milliseconds for which a file must not have changed before its digest is worth remembering. */
  readonly settledMs: number;
}

/** An open cache file as it is told to lanes: plain values. */
export interface SharedDigests {
  readonly path: ByteString;
  readonly descriptor: number;
  /** The index's memory. */
  readonly index: SharedArrayBuffer;
  /** The day since 1970. */
  readonly today: number;
  /** When the run began, by the clock that files have their ctime from; undefined = nothing is remembered. */
  readonly began: Moment | undefined;
  readonly settledMs: number;
}

/** One root's cache file, open. */
export class DigestFile {
  readonly shared: SharedDigests;
  /** Why nothing is remembered; undefined = it is. */
  readonly note: string | undefined;
  readonly #file: KeptFile;
  readonly #wallTime: number;
  /** Entries that nobody can find any more. */
  readonly #dead: number;
  readonly #live: number;

  constructor(
    { path, wallTime, settledMs }: DigestFileOptions,
    file: KeptFile,
    { first }: FileHead,
    { began, note }: Writing,
  ) {
    this.#file = file;
    this.#wallTime = wallTime;
    this.note = note;
    const { descriptor } = file;
    const today = Math.floor(wallTime / msPerDay);
    const end = Math.floor(file.size / entryBytes);
    const index = loadIndex({ descriptor, first, end }, today);
    this.#live = index.count;
    this.#dead = end - first - index.count;
    const isFull = index.count >= entriesMax;
    this.shared = {
      ...{ path, descriptor, index: index.memory, today, settledMs },
      began: isFull ? undefined : began,
    };
  }

  /** Closes it, after the lanes; a file that is mostly dead entries is written anew. */
  close(): void {
    closeKeptFile(this.#file);
    const { path, began, today } = this.shared;
    if (began === undefined || this.#dead < Math.max(deadMin, this.#live)) return;
    ignoringFailure(() => compactDigests(path, { today, wallTime: this.#wallTime }));
  }
}

/** Whether there can be new entries. */
interface Writing {
  readonly began: Moment | undefined;
  readonly note: string | undefined;
}

/** Opens the file, making it where it is missing. A text says why there is none. */
export function openDigestFile(options: DigestFileOptions): DigestFile | string {
  const { path } = options;
  let file: KeptFile | undefined;
  try {
    const opened = openToAppend(options);
    file = opened.file;
    return new DigestFile(options, opened.file, opened.head, {
      began: opened.moment,
      note: opened.moment ? undefined : `${toText(path)} is not on a file system of this machine`,
    });
  } catch (error) {
    if (file !== undefined) closeKeptFile(file);
    if (!(error instanceof FsError)) throw error;
    return openToRead(options, `Cannot write to ${toText(path)}: ${error.reason}`);
  }
}

function openToAppend(options: DigestFileOptions): {
  file: KeptFile;
  head: FileHead;
  moment: Moment | undefined;
} {
  const { path, root, wallTime } = options;
  let file = openKeptFile(path, true);
  let head = file && readHead(file);
  if (file !== undefined && head?.root !== root) {
    closeKeptFile(file);
    removeSmallFile(path);
    file = undefined;
  }
  if (file === undefined) {
    makeKeptDirectory(parentPath(path), levelsMade);
    const made = { replaces: false, wallTime };
    // Whoever was faster made the same.
    ignoringFailure(() => writeKeptFile(path, [encodeHead(root)], made), "EEXIST");
    file = openKeptFile(path, true);
    head = file && readHead(file);
  }
  if (file === undefined || head === undefined) throw new FsError(errno.ENOENT, "open", path);
  try {
    // A run that was killed while it wrote left a part of an entry.
    const torn = file.size % entryBytes;
    if (torn > 0) appendToKeptFile(file.descriptor, new Uint8Array(entryBytes - torn));
    return { file, head, moment: keptFileMoment(path, file) };
  } catch (error) {
    closeKeptFile(file);
    throw error;
  }
}

/** Where nothing can be written, what is there can be read all the same. */
function openToRead(options: DigestFileOptions, note: string): DigestFile | string {
  try {
    const file = openKeptFile(options.path, false);
    if (file === undefined) return note;
    const head = readHead(file);
    if (head?.root === options.root) {
      return new DigestFile(options, file, head, { began: undefined, note });
    }
    closeKeptFile(file);
    return note;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return note;
  }
}

/** Runs what a cache can do without; `code`: only this error is no matter. */
function ignoringFailure(act: () => void, code?: string): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof FsError) || (code !== undefined && error.code !== code)) throw error;
  }
}
