// Small files that are not part of any tree: keys, lists of keys, configurations, process ids. They are read
// whole, grow by whole lines, and are never seen half written.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import process from "node:process";
import { type ByteString, errno, parentPath } from "../base/index.ts";
import { FsError } from "./fs-error.ts";
import { openNamed } from "./open.ts";
import { anyLinks, type OperatorLinks, ownLinks } from "./operator-path.ts";
import { asBuffer, call } from "./path-calls.ts";

/** A file as it was read. */
export interface SmallFile {
  readonly bytes: Uint8Array;
  /** Type and permissions. */
  readonly mode: number;
  readonly uid: number;
}

/** Reads a file of at most `bytesMax` bytes whole; undefined = there is none. Throws FsError, EFBIG for a larger one. */
export function readSmallFile(path: ByteString, bytesMax: number): SmallFile | undefined {
  return readOwnFile(path, bytesMax, anyLinks);
}

/**
 * As readSmallFile, but ELOOP where a symbolic link that is not to be followed stands anywhere on the way: who plants one chooses
 * what is read.
 */
export function readOwnFile(
  path: ByteString,
  bytesMax: number,
  links: OperatorLinks = ownLinks,
): SmallFile | undefined {
  let descriptor: number;
  try {
    descriptor = openNamed(path, constants.O_RDONLY, links);
  } catch (error) {
    if (error instanceof FsError && error.errno === errno.ENOENT) return undefined;
    throw error;
  }
  try {
    const { mode, uid } = fstatSync(descriptor);
    const bytes = new Uint8Array(bytesMax + 1);
    let length = 0;
    while (length < bytes.length) {
      const at = length;
      const count = call("read", path, () =>
        readSync(descriptor, bytes, at, bytes.length - at, null),
      );
      if (count === 0) return { bytes: bytes.slice(0, length), mode, uid };
      length += count;
    }
    throw new FsError(errno.EFBIG, "read", path);
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the names in a directory; undefined = there is none of this path. Throws FsError. */
export function readDirectoryNames(path: ByteString): ByteString[] | undefined {
  try {
    const names = call("readdir", path, () => readdirSync(asBuffer(path), "buffer"));
    return names.map((name) => name.toString("latin1"));
  } catch (error) {
    const isNone = error instanceof FsError && noDirectory.includes(error.errno);
    if (isNone) return undefined;
    throw error;
  }
}

const noDirectory: readonly number[] = [errno.ENOENT, errno.ENOTDIR];

/**
 * Adds whole lines at the end of a file, making it, for its owner alone, where there is none. What several
 * processes add at once stands one after the other. Throws FsError.
 */
export function appendToFile(path: ByteString, text: string): void {
  const descriptor = call("open", path, () => openSync(asBuffer(path), "a", 0o600));
  try {
    const bytes = Buffer.from(text, "utf8");
    // One write with O_APPEND: the kernel puts it behind whatever is there at that moment.
    const written = call("write", path, () => writeSync(descriptor, bytes));
    if (written !== bytes.length) throw new FsError(errno.ENOSPC, "write", path);
    call("fsync", path, () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a file, whole from the moment it has its name. Returns false if there is one already. Throws FsError. */
export function createSmallFile(path: ByteString, text: string, mode: number): boolean {
  const temporary = writeTemporary(path, text, mode);
  try {
    call("link", path, () => linkSync(asBuffer(temporary), asBuffer(path)));
    return true;
  } catch (error) {
    if (error instanceof FsError && error.errno === errno.EEXIST) return false;
    throw error;
  } finally {
    unlinkSync(asBuffer(temporary));
  }
}

/** Makes a file or replaces the one that is there; no reader sees anything in between. Throws FsError. */
export function replaceSmallFile(path: ByteString, text: string, mode: number): void {
  const temporary = writeTemporary(path, text, mode);
  call("rename", path, () => renameSync(asBuffer(temporary), asBuffer(path)));
}

/** Removes a file, if it is there. Throws FsError. */
export function removeSmallFile(path: ByteString): void {
  try {
    call("unlink", path, () => unlinkSync(asBuffer(path)));
  } catch (error) {
    if (!(error instanceof FsError) || error.errno !== errno.ENOENT) throw error;
  }
}

/** Makes a directory that only its owner may enter, and those above it, where they are missing. Throws FsError. */
export function makePrivateDirectory(path: ByteString): void {
  call("mkdir", path, () => mkdirSync(asBuffer(path), { recursive: true, mode: 0o700 }));
}

let temporaries = 0;

function writeTemporary(path: ByteString, text: string, mode: number): ByteString {
  const directory = parentPath(path);
  const own = `.manifold-${process.pid}-${temporaries++}`;
  const temporary = directory === "" && !path.startsWith("/") ? own : `${directory}/${own}`;
  const descriptor = call("open", temporary, () => openSync(asBuffer(temporary), "wx", mode));
  try {
    call("write", path, () => writeSync(descriptor, Buffer.from(text, "utf8")));
    call("fsync", path, () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
  return temporary;
}
