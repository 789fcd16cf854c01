// Listing a directory by node:fs, streamed: a directory of half a million names takes 60 MB, not 300.

import { type Dirent, opendirSync, readdirSync } from "node:fs";
import { type ByteString, errno, fromBytes } from "../../base/index.ts";
import {
  type Directory,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeRegular,
  typeSocket,
  typeSymlink,
} from "../../tree/index.ts";
import type { DirHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { perform } from "./perform.ts";
import type { Pins } from "./pins.ts";

/** Entries fetched at once; above 1024 measured no better. */
const bufferSize = 1024;

/** Buffers, so that no name goes through UTF-8; the types of node:fs know strings only. */
const encoding = "buffer" as "latin1";

/** FileSystem.readNames. */
export function readNames(pins: Pins, dir: DirHandle, listing: Directory): void {
  const path = Buffer.from(pins.self(dir), "latin1");
  const { count, namesUsed } = listing;
  try {
    perform("scandir", "", () => readTyped(path, listing));
  } catch (error) {
    // Where the file system tells no types Node stats each entry, and one that vanished meanwhile ends the listing.
    if (!(error instanceof FsError && error.errno === errno.ENOENT)) throw error;
    listing.count = count;
    listing.namesUsed = namesUsed;
    perform("scandir", "", () => readUntyped(path, listing));
  }
  // The C library calls a directory that was removed meanwhile empty, and empty means that all may be deleted.
  const isEmpty = listing.count === count;
  if (isEmpty && pins.stat(dir).nlink === 0n) throw new FsError(errno.ENOENT, "scandir", "");
}

function readTyped(path: Buffer, listing: Directory): void {
  // The typings want a string here; the path is passed on to the system as it is.
  const directory = opendirSync(path as never, { encoding, bufferSize });
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      listing.add(nameOf(entry), typeOf(entry));
    }
  } finally {
    directory.closeSync();
  }
}

function readUntyped(path: Buffer, listing: Directory): void {
  for (const name of readdirSync(path, { encoding: "latin1" })) listing.add(name, 0);
}

function nameOf(entry: Dirent): ByteString {
  return fromBytes(entry.name as never);
}

function typeOf(entry: Dirent): number {
  if (entry.isFile()) return typeRegular;
  if (entry.isDirectory()) return typeDirectory;
  if (entry.isSymbolicLink()) return typeSymlink;
  if (entry.isFIFO()) return typeFifo;
  if (entry.isSocket()) return typeSocket;
  if (entry.isBlockDevice()) return typeBlock;
  return entry.isCharacterDevice() ? typeCharacter : 0;
}
