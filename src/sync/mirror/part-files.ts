// Large files on their way from several sources: each lies in the run's staging directory, with holes, beside a log of what of
// it is proven. A run that was killed leaves both, and the next one takes them over: every range in the log is
// hashed again, and what is still right is not fetched again.

import { type ByteString, fromBytes, toBytes } from "../../base/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { digestOf, equalDigests } from "../../hash/index.ts";
import type { ListedEntry, Span } from "../../source/index.ts";
import { openJob } from "../state/state-directory.ts";
import type { PartOpener, PartStore } from "./part-store.ts";

/** Names of such files in staging begin so. */
export const partPrefix = "mirror.";

/** Where they lie. */
export interface PartPlace {
  readonly fs: FileSystem;
  /** The target's path, and the run's job. */
  readonly target: ByteString;
  readonly job: ByteString;
  /** The target cannot be written to. */
  readonly failed: (error: FsError) => void;
}

/** Part of the log that is believed to be one line. */
const lineForm = /^(\d{1,16}) (\d{1,8}) ([0-9a-f]{64})$/;
const readStep = 1024 * 1024;
/** Memory for what is digested: made once. */
let step: Uint8Array | undefined;
const keyBytes = 16;
/** A log of a file of 64 GiB. */
const logBytesMax = 8 * 1024 * 1024;

/** Opens the files of a run. */
export class PartFiles implements PartOpener {
  readonly #place: PartPlace;
  #dir: DirHandle | undefined;

  constructor(place: PartPlace) {
    this.#place = place;
  }

  /** Opens the file of an entry, with what an earlier run left of it; undefined = the target cannot be written to, which is told. */
  async open(path: ByteString, entry: ListedEntry): Promise<PartFile | undefined> {
    try {
      const name = partPrefix + keyOf(path, entry);
      const part = new PartFile(this.#place, this.#folder(), name);
      await part.adopt(entry.size ?? 0);
      return part;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.#place.failed(error);
      return undefined;
    }
  }

  #folder(): DirHandle {
    if (this.#dir !== undefined) return this.#dir;
    const { fs, target, job } = this.#place;
    const root = fs.openRoot(target);
    try {
      this.#dir = openJob(fs, root, job);
      return this.#dir;
    } finally {
      fs.closeDirectory(root);
    }
  }

  /** Lets the directory go; files are closed by whoever opened them. */
  close(): void {
    if (this.#dir !== undefined) this.#place.fs.closeDirectory(this.#dir);
    this.#dir = undefined;
  }
}

/** One file. */
export class PartFile implements PartStore {
  readonly #place: PartPlace;
  readonly #dir: DirHandle;
  readonly #name: ByteString;
  readonly #content: FileHandle;
  readonly #log: FileHandle;
  #logged = 0;
  #isClosed = false;
  /** What an earlier run has proven. */
  readonly kept: Span[] = [];

  /** Throws FsError. */
  constructor(place: PartPlace, dir: DirHandle, name: ByteString) {
    this.#place = place;
    this.#dir = dir;
    this.#name = name;
    const content = openOrCreate(place.fs, dir, name);
    this.#content = content;
    try {
      this.#log = openOrCreate(place.fs, dir, `${name}.log`);
    } catch (error) {
      place.fs.closeFile(content);
      throw error;
    }
  }

  write(position: number, bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#trying(() => this.#place.fs.write(this.#content, bytes, 0, bytes.length, position));
  }

  read(position: number, into: Uint8Array): boolean {
    // Whoever is in the middle of a digest goes on for a moment.
    if (this.#isClosed) return false;
    let done = 0;
    this.#trying(() => {
      while (done < into.length) {
        const got = this.#place.fs.read(
          this.#content,
          into,
          done,
          into.length - done,
          position + done,
        );
        if (got === 0) break;
        done += got;
      }
    });
    return done === into.length;
  }

  /** Notes that a range is proven. */
  prove(from: number, to: number): void {
    this.#trying(() => {
      for (let at = from; at < to; at += readStep) {
        step ??= new Uint8Array(readStep);
        const bytes = step.subarray(0, Math.min(readStep, to - at));
        if (!this.read(at, bytes)) return;
        const hex = Buffer.from(digestOf("blake3", bytes)).toString("hex");
        const line = toBytes(`${at} ${bytes.length} ${hex}\n`);
        this.#place.fs.write(this.#log, line, 0, line.length, this.#logged);
        this.#logged += line.length;
      }
    });
  }

  /** Finds out what is there of a file of that size. */
  async adopt(size: number): Promise<void> {
    const { fs } = this.#place;
    const log = new Uint8Array(logBytesMax);
    const length = fs.read(this.#log, log, 0, log.length, 0);
    const lines = fromBytes(log, 0, length).split("\n");
    // The last one may have been torn.
    const torn = lines.pop() ?? "";
    this.#logged = length - torn.length;
    for (const line of lines) {
      const [, at = "", bytes = "", hex = ""] = lineForm.exec(line) ?? [];
      const from = Number(at);
      const count = Number(bytes);
      if (hex === "" || count === 0 || count > readStep || from + count > size) continue;
      const room = new Uint8Array(count);
      const isThere = this.read(from, room);
      const expected = Uint8Array.from(Buffer.from(hex, "hex"));
      const isOverlapping = this.kept.some((span) => span.from < from + count && span.to > from);
      const isRight = isThere && equalDigests(digestOf("blake3", room), expected);
      if (isOverlapping || !isRight) continue;
      this.kept.push({ from, to: from + count });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Closes it; `removes`: nobody needs it any more. */
  close(removes: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { fs } = this.#place;
    fs.closeFile(this.#content);
    fs.closeFile(this.#log);
    if (!removes) return;
    this.#trying(() => {
      fs.unlink(this.#dir, `${this.#name}.log`);
      fs.unlink(this.#dir, this.#name);
    });
  }

  #trying(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      this.#place.failed(error);
    }
  }
}

function openOrCreate(fs: FileSystem, dir: DirHandle, name: ByteString): FileHandle {
  try {
    return fs.createFile(dir, name, 0o600);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
    return fs.openWrite(dir, name);
  }
}

function keyOf(path: ByteString, { size = 0, mtime = 0, mtimeNanos = 0 }: ListedEntry): string {
  const digest = digestOf("blake3", toBytes(`${path}\0${size}\0${mtime}.${mtimeNanos}`));
  return Buffer.from(digest.subarray(0, keyBytes)).toString("hex");
}
