// Files of our own that grow by appending and are read by position: what is kept between runs and may be lost (a
// cache). Not part of any tree; never seen by a door. Only files that nobody else can write to are taken.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import process from "node:process";
import { type ByteString, errno, parentPath } from "../base/index.ts";
import { hasChangeTimes } from "./change-times.ts";
import { FsError } from "./fs-error.ts";
import { asBuffer, call } from "./path-calls.ts";

const { O_RDONLY, O_RDWR, O_APPEND, O_NONBLOCK, O_NOFOLLOW, O_CREAT, O_EXCL } = constants;

/** One such file, open. Descriptors are the process's: any thread may read and append. */
export interface KeptFile {
  readonly descriptor: number;
  /** Its length when it was opened. */
  readonly size: number;
}

/**
 * Makes the directory for such files, for its owner alone, and as many as `levels` of those above it where they are
 * missing. Throws FsError; EPERM where the directory is somebody else's: what is made there would be in that one's way.
 */
export function makeKeptDirectory(path: ByteString, levels: number): void {
  makeDirectories(path, levels);
  checkOurs(path);
}

function makeDirectories(path: ByteString, levels: number): void {
  if (existsSync(asBuffer(path))) return;
  const above = parentPath(path);
  if (levels > 0) makeDirectories(above, levels - 1);
  checkOurs(above);
  try {
    call("mkdir", path, () => mkdirSync(asBuffer(path), 0o700));
  } catch (error) {
    if (!(error instanceof FsError) || error.errno !== errno.EEXIST) throw error;
  }
}

function checkOurs(path: ByteString): void {
  const stat = call("stat", path, () => statSync(asBuffer(path)));
  if (!isOurs(stat)) throw new FsError(errno.EPERM, "open", path);
}

function isOurs({ uid }: { readonly uid: number }): boolean {
  return process.geteuid === undefined || uid === process.geteuid();
}

/** A moment of a file system's own clock. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

/** Opens a file for reading, with `appends` for appending, too; undefined = there is none. Throws FsError; EPERM for a file that others may write to. */
export function openKeptFile(path: ByteString, appends: boolean): KeptFile | undefined {
  const access = appends ? O_RDWR | O_APPEND : O_RDONLY;
  let descriptor: number;
  try {
    descriptor = call("open", path, () =>
      openSync(asBuffer(path), access | O_NONBLOCK | O_NOFOLLOW),
    );
  } catch (error) {
    if (error instanceof FsError && error.errno === errno.ENOENT) return undefined;
    throw error;
  }
  const stat = fstatSync(descriptor);
  if (stat.isFile() && isOurs(stat) && (stat.mode & 0o022) === 0) {
    return { descriptor, size: stat.size };
  }
  closeSync(descriptor);
  throw new FsError(errno.EPERM, "open", path);
}

/** How a file is made. */
export interface KeptFileMaking {
  /** What there is under that name is replaced; false = it stays (EEXIST). */
  readonly replaces: boolean;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** A process that has not written for so long was killed. */
const abandonedMs = 60 * 60 * 1000;

/**
 * Makes a file of these pieces, for its owner alone, beside its name, and gives it the name when it is whole. Throws
 * FsError; EEXIST also when somebody else is about to replace it.
 */
export function writeKeptFile(
  path: ByteString,
  pieces: Iterable<Uint8Array>,
  { replaces, wallTime }: KeptFileMaking,
): void {
  // Only one may replace, but whoever makes it first may be anybody: nobody has to wait for another one's half a file.
  const beside = replaces ? `${path}.new` : `${path}.${process.pid}.new`;
  removeAbandoned(beside, wallTime);
  const descriptor = call("open", path, () =>
    openSync(asBuffer(beside), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600),
  );
  let isThere = true;
  try {
    for (const piece of pieces) appendToKeptFile(descriptor, piece);
    if (!replaces) call("link", path, () => linkSync(asBuffer(beside), asBuffer(path)));
    else {
      call("rename", path, () => renameSync(asBuffer(beside), asBuffer(path)));
      isThere = false;
    }
  } finally {
    closeSync(descriptor);
    if (isThere) unlinkSync(asBuffer(beside));
  }
}

/** Reads up to `length` bytes at `position` to the beginning of `into` and returns how many there were. Throws FsError. */
export function readKeptFile(
  descriptor: number,
  into: Uint8Array,
  length: number,
  position: number,
): number {
  let done = 0;
  while (done < length) {
    const at = done;
    const count = call("read", "", () =>
      readSync(descriptor, into, at, length - at, position + at),
    );
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Appends bytes in one piece: what several processes append stands one after the other. Throws FsError; of what does not fit a part may be there. */
export function appendToKeptFile(descriptor: number, bytes: Uint8Array): void {
  const written = call("write", "", () => writeSync(descriptor, bytes));
  if (written !== bytes.length) throw new FsError(errno.ENOSPC, "write", "");
}

/**
 * Asks the kernel what time it is for the files of this machine: touches the open file and looks at the ctime that this
 * gave it. Undefined = the file lies where another machine or program gives out times. Throws FsError.
 */
export function keptFileMoment(path: ByteString, { descriptor }: KeptFile): Moment | undefined {
  return call("statfs", path, () => {
    if (!hasChangeTimes(statfsSync(asBuffer(path)).type)) return undefined;
    const { atimeMs } = fstatSync(descriptor);
    futimesSync(descriptor, atimeMs / 1000, atimeMs / 1000);
    const { ctimeNs } = fstatSync(descriptor, { bigint: true });
    const billion = 1_000_000_000n;
    return { seconds: Number(ctimeNs / billion), nanos: Number(ctimeNs % billion) };
  });
}

/** Closes it. */
export function closeKeptFile({ descriptor }: KeptFile): void {
  closeSync(descriptor);
}

function removeAbandoned(path: ByteString, wallTime: number): void {
  try {
    if (wallTime - lstatSync(asBuffer(path)).mtimeMs > abandonedMs) unlinkSync(asBuffer(path));
  } catch {
    // There is none, or it cannot be helped.
  }
}
