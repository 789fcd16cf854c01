// The folder that the processes of one job share, as one of them sees it: its own file of lines, those of the others, the
// contents that have come, claims, the reference, and the word that all is done. Every write is opened, made and closed, so that
// machines that share a file system by a network see it.

import { type ByteString, fromBytes } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, isSameInode, Stat } from "../../fs/index.ts";
import { stateDirectory } from "../../tree/index.ts";
import {
  doneName,
  jobFolderName,
  jobFolderNumber,
  logPrefix,
  membersIn,
  namesIn,
  removeJobFolder,
} from "../state/job-folders.ts";
import { makeIfMissing, openIfThere, openState } from "../state/state-directory.ts";
import { Claims } from "./claims.ts";
import { openIfAny, openOrCreate, unlinkIfThere } from "./shared-files.ts";

const claimsName = "claims";
const poolName = "pool";
/** Somebody may remove a folder that is done while we enter it. */
const attemptsMax = 100;
const readStep = 256 * 1024;
const stat = new Stat();

/** Where a job's folder is, and who enters it. */
export interface JobPlace {
  readonly fs: FileSystem;
  /** Path of the target. */
  readonly target: ByteString;
  readonly id: string;
  /** The owner's record of this process, as text. */
  readonly self: ByteString;
}

/** More of somebody's file. */
export interface ReadLog {
  readonly bytes: Uint8Array;
  /** When it was last written to, by the file system's own clock, in seconds. */
  readonly writtenAt: number;
}

/** Such a folder. Everything throws FsError; ENOENT for what should be there means that the folder is gone. */
export class JobFolder {
  readonly claims: Claims;
  readonly #place: JobPlace;
  readonly #number: number;
  readonly #dir: DirHandle;
  readonly #claimsDir: DirHandle;
  readonly #pool: DirHandle;
  #written = 0;

  /** Enters the folder of the job, which is made if it is not there, or if the job has been done in it. */
  static enter(place: JobPlace): JobFolder {
    const { fs, target, id } = place;
    for (let attempt = 1; ; attempt++) {
      const root = fs.openRoot(target);
      try {
        const state = openState(fs, root, true);
        try {
          const number = numberToEnter(fs, state, id);
          makeIfMissing(fs, state, jobFolderName(id, number));
          return new JobFolder(place, number, state);
        } finally {
          fs.closeDirectory(state);
        }
      } catch (error) {
        const isGone = error instanceof FsError && error.code === "ENOENT";
        if (!isGone || attempt === attemptsMax) throw error;
      } finally {
        fs.closeDirectory(root);
      }
    }
  }

  private constructor(place: JobPlace, number: number, state: DirHandle) {
    const { fs, id, self } = place;
    this.#place = place;
    this.#number = number;
    this.#dir = fs.openDirectory(state, jobFolderName(id, number));
    fs.closeFile(fs.createFile(this.#dir, logPrefix + self, 0o600));
    for (const name of [claimsName, poolName]) makeIfMissing(fs, this.#dir, name);
    this.#claimsDir = fs.openDirectory(this.#dir, claimsName);
    this.#pool = fs.openDirectory(this.#dir, poolName);
    this.claims = new Claims(fs, this.#claimsDir, self);
  }

  /** Says whether this is still the folder of the job. */
  isCurrent(): boolean {
    const { fs, target, id } = this.#place;
    const root = fs.openRoot(target);
    try {
      const state = openIfThere(fs, root, stateDirectory);
      if (state === undefined) return false;
      try {
        const [own, there] = [new Stat(), new Stat()];
        fs.statDirectory(this.#dir, own);
        const isThere = fs.stat(state, jobFolderName(id, this.#number), there);
        return isThere && isSameInode(own, there) && highest(fs, state, id) === this.#number;
      } finally {
        fs.closeDirectory(state);
      }
    } catch (error) {
      // A handle that is a path leads nowhere then.
      if (error instanceof FsError && error.code === "ENOENT") return false;
      throw error;
    } finally {
      fs.closeDirectory(root);
    }
  }

  /** Owners of all who have, or had, a part in the job. */
  members(): ByteString[] {
    return membersIn(this.#place.fs, this.#dir);
  }

  /** Adds to this process's own file. Returns where it began, and the file system's time, in seconds. */
  append(bytes: Uint8Array): { readonly at: number; readonly time: number } {
    const { fs, self } = this.#place;
    const file = fs.openWrite(this.#dir, logPrefix + self);
    try {
      fs.write(file, bytes, 0, bytes.length, this.#written);
      fs.statFile(file, stat);
    } finally {
      fs.closeFile(file);
    }
    const at = this.#written;
    this.#written += bytes.length;
    return { at, time: stat.mtime + stat.mtimeNanos / 1e9 };
  }

  /** Reads what somebody's file has from `position` on, as far as one step goes; undefined = it is gone. */
  readLog(member: ByteString, position: number): ReadLog | undefined {
    const { fs } = this.#place;
    const file = openIfAny(fs, this.#dir, logPrefix + member);
    if (file === undefined) return undefined;
    try {
      fs.statFile(file, stat);
      const bytes = new Uint8Array(Math.min(readStep, Math.max(0, stat.size - position)));
      const length = bytes.length === 0 ? 0 : fs.read(file, bytes, 0, bytes.length, position);
      const writtenAt = stat.mtime + stat.mtimeNanos / 1e9;
      return { bytes: bytes.subarray(0, length), writtenAt };
    } finally {
      fs.closeFile(file);
    }
  }

  /** Writes part of an order's content. */
  writeContent(key: string, position: number, bytes: Uint8Array): void {
    const { fs } = this.#place;
    const file = openOrCreate(fs, this.#pool, key);
    try {
      fs.write(file, bytes, 0, bytes.length, position);
    } finally {
      fs.closeFile(file);
    }
  }

  /** Reads part of an order's content; false = not all of it is there. */
  readContent(key: string, position: number, into: Uint8Array): boolean {
    const { fs } = this.#place;
    const file = openIfAny(fs, this.#pool, key);
    if (file === undefined) return false;
    try {
      for (let done = 0; done < into.length; ) {
        const got = fs.read(file, into, done, into.length - done, position + done);
        if (got === 0) return false;
        done += got;
      }
      return true;
    } finally {
      fs.closeFile(file);
    }
  }

  /** Removes an order's content. */
  dropContent(key: string): void {
    unlinkIfThere(this.#place.fs, this.#pool, key);
  }

  /** Says whether contents are kept. */
  hasContent(): boolean {
    return namesIn(this.#place.fs, this.#pool).length > 0;
  }

  /** Reads a word that was published under a name; undefined = there is none. */
  word(name: ByteString): ByteString | undefined {
    try {
      return this.#place.fs.readLink(this.#dir, name);
    } catch (error) {
      if (error instanceof FsError && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** When a word was published, by the file system's clock, in seconds; undefined = there is none. */
  wordTime(name: ByteString): number | undefined {
    const isThere = this.#place.fs.stat(this.#dir, name, stat);
    return isThere ? stat.mtime + stat.mtimeNanos / 1e9 : undefined;
  }

  /** Publishes a word under a name; false = somebody else has. */
  publish(name: ByteString, word: ByteString): boolean {
    try {
      this.#place.fs.makeSymlink(this.#dir, name, word);
      return true;
    } catch (error) {
      if (error instanceof FsError && error.code === "EEXIST") return false;
      throw error;
    }
  }

  /** Makes a file of the folder; what is written goes behind what was. */
  makeFile(name: ByteString): { write(bytes: Uint8Array): void; close(): void } {
    const { fs } = this.#place;
    const file = fs.createFile(this.#dir, name, 0o600);
    let at = 0;
    return {
      write: (bytes) => {
        fs.write(file, bytes, 0, bytes.length, at);
        at += bytes.length;
      },
      close: () => fs.closeFile(file),
    };
  }

  /** Reads a file of the folder, piece by piece. */
  readFile(name: ByteString, take: (bytes: Uint8Array) => void): void {
    const { fs } = this.#place;
    const file = fs.openRead(this.#dir, name);
    try {
      const room = new Uint8Array(readStep);
      for (let at = 0; ; ) {
        const got = fs.read(file, room, 0, room.length, at);
        if (got === 0) return;
        take(room.slice(0, got));
        at += got;
      }
    } finally {
      fs.closeFile(file);
    }
  }

  /** Removes a file of the folder. */
  dropFile(name: ByteString): void {
    unlinkIfThere(this.#place.fs, this.#dir, name);
  }

  /** How the job ended; undefined = it has not. */
  get outcome(): ByteString | undefined {
    return this.word(doneName);
  }

  /** Says how the job ended. */
  finish(outcome: ByteString): void {
    this.publish(doneName, outcome);
  }

  /** Lets the folder go; `removes`: nobody needs it any more. */
  leave(removes: boolean): void {
    const { fs, target, id } = this.#place;
    for (const dir of [this.#pool, this.#claimsDir, this.#dir]) fs.closeDirectory(dir);
    if (!removes) return;
    const root = fs.openRoot(target);
    try {
      removeJobFolder(fs, root, jobFolderName(id, this.#number));
    } finally {
      fs.closeDirectory(root);
    }
  }
}

/** Returns the text of bytes that were read. */
export function textOf(bytes: Uint8Array): ByteString {
  return fromBytes(bytes, 0, bytes.length);
}

/** A job that is done is done again in another folder: whoever is still in the old one is about to leave. */
function numberToEnter(fs: FileSystem, state: DirHandle, id: string): number {
  const number = highest(fs, state, id);
  if (number < 0) return 0;
  const folder = openIfThere(fs, state, jobFolderName(id, number));
  if (folder === undefined) return number;
  try {
    return fs.stat(folder, doneName, stat) ? number + 1 : number;
  } finally {
    fs.closeDirectory(folder);
  }
}

function highest(fs: FileSystem, state: DirHandle, id: string): number {
  const numbers = namesIn(fs, state).map((name) => jobFolderNumber(name, id) ?? -1);
  return Math.max(-1, ...numbers);
}
