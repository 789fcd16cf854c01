// Looking after caches: which there are, what in them is of no use any more, and whether they are right.

import { type ByteString, errno, joinPath } from "../base/index.ts";
import {
  closeKeptFile,
  type FileSystem,
  FsError,
  openKeptFile,
  removeSmallFile,
  Stat,
  writeKeptFile,
} from "../fs/index.ts";
import { createDigest } from "../hash/index.ts";
import { Directory } from "../tree/index.ts";
import { DigestFile, openDigestFile } from "./digest-file.ts";
import { entryBytes, entryWords } from "./entry.ts";
import { encodeHead, readHead } from "./file-head.ts";
import { RootDigests } from "./root-digests.ts";
import { stateOfRow } from "./row-state.ts";
import { type MetFile, walkFiles } from "./walk-files.ts";

/** One cache. */
export interface CacheFacts {
  readonly path: ByteString;
  readonly root: ByteString;
  /** Those that are out of date, and those that others have taken the place of, included. */
  readonly entries: number;
  readonly bytes: number;
}

/** What looking after a cache needs. */
export interface CacheCare {
  readonly fs: FileSystem;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** How entries of a cache compare with the files that they are about. */
export interface Verified {
  readonly right: number;
  readonly wrong: number;
}

const entriesAtOnce = 4096;
const pieceBytes = 256 * 1024;

/** Returns the caches in a directory, by root; what is none of ours is left out. Throws FsError. */
export function listCaches(fs: FileSystem, directory: ByteString): CacheFacts[] {
  const listing = new Directory();
  try {
    const dir = fs.openRoot(directory);
    fs.readNames(dir, listing);
    fs.closeDirectory(dir);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
  }
  const caches: CacheFacts[] = [];
  for (let i = 0; i < listing.count; i++) {
    const facts = factsOf(joinPath(directory, listing.name(i)));
    if (facts !== undefined) caches.push(facts);
  }
  return caches.sort((a, b) => (a.root < b.root ? -1 : 1));
}

function factsOf(path: ByteString): CacheFacts | undefined {
  try {
    const file = openKeptFile(path, false);
    if (file === undefined) return undefined;
    try {
      const head = readHead(file);
      if (head === undefined) return undefined;
      const entries = Math.floor(file.size / entryBytes) - head.first;
      return { path, root: head.root, entries, bytes: file.size };
    } finally {
      closeKeptFile(file);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Removes a cache. Throws FsError. */
export function clearCache({ path }: CacheFacts): void {
  removeSmallFile(path);
}

/**
 * Leaves only what the root's files are, in the order of a walk; returns how many entries those are. Undefined = the root is
 * gone, and so is its cache. Throws FsError.
 */
export function pruneCache(cache: CacheFacts, care: CacheCare): number | undefined {
  const { fs, wallTime } = care;
  if (!isThere(fs, cache.root)) {
    clearCache(cache);
    return undefined;
  }
  return withDigests(cache, care, (digests) => {
    const kept = { entries: 0 };
    const pieces = keptPieces(cache.root, walkFiles(fs, cache.root), digests, kept);
    writeKeptFile(cache.path, pieces, { replaces: true, wallTime });
    return kept.entries;
  });
}

/** Says whether there is such a directory. Throws FsError when nobody can tell. */
function isThere(fs: FileSystem, root: ByteString): boolean {
  try {
    fs.closeDirectory(fs.openRoot(root, "anywhere"));
    return true;
  } catch (error) {
    if (error instanceof FsError && ["ENOENT", "ENOTDIR"].includes(error.code)) return false;
    throw error;
  }
}

function* keptPieces(
  root: ByteString,
  files: Iterable<MetFile>,
  digests: RootDigests,
  kept: { entries: number },
): Generator<Uint8Array> {
  yield encodeHead(root);
  const words = new Uint32Array(entriesAtOnce * entryWords);
  let used = 0;
  for (const { listing, i } of files) {
    if (!digests.find(stateOfRow(listing, i))) continue;
    digests.copyFound(words, used);
    used += entryWords;
    kept.entries++;
    if (used < words.length) continue;
    yield new Uint8Array(words.buffer);
    used = 0;
  }
  yield new Uint8Array(words.buffer, 0, 4 * used);
}

/** Reads every file of which there is a digest; `wrong` hears of those that have another one. Throws FsError. */
export function verifyCache(
  cache: CacheFacts,
  care: CacheCare,
  wrong: (path: ByteString) => void,
): Verified {
  return withDigests(cache, care, (digests) => {
    const counts = { right: 0, wrong: 0 };
    for (const file of walkFiles(care.fs, cache.root)) {
      const known = digests.lookup(stateOfRow(file.listing, file.i));
      const digest = known && digestAgain(care.fs, file);
      if (known === undefined || digest === undefined) continue;
      const isRight = Buffer.compare(known, digest) === 0;
      counts[isRight ? "right" : "wrong"]++;
      if (!isRight) wrong(joinPath(cache.root, file.path));
    }
    return counts;
  });
}

/** Returns the digest of a file; undefined = it cannot be read, or has changed since it was met. */
function digestAgain(fs: FileSystem, { dir, name, listing, i }: MetFile): Uint8Array | undefined {
  try {
    const file = fs.openRead(dir, name);
    try {
      const digest = createDigest("blake3");
      const piece = new Uint8Array(pieceBytes);
      for (let position = 0; ; ) {
        const length = fs.read(file, piece, 0, pieceBytes, position);
        if (length === 0) break;
        digest.update(piece, 0, length);
        position += length;
      }
      const stat = new Stat();
      fs.statFile(file, stat);
      const { ctime, ctimeNanos, inoLow } = stateOfRow(listing, i);
      const isSame =
        stat.ctime === ctime && stat.ctimeNanos === ctimeNanos && stat.inoLow === inoLow;
      return isSame ? digest.digest() : undefined;
    } finally {
      fs.closeFile(file);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

function withDigests<T>(
  { path, root }: CacheFacts,
  { wallTime }: CacheCare,
  work: (digests: RootDigests) => T,
): T {
  const file = openDigestFile({ path, root, wallTime, settledMs: 0 });
  if (!(file instanceof DigestFile)) throw new FsError(errno.EIO, "open", path);
  try {
    return work(new RootDigests(file.shared));
  } finally {
    file.close();
  }
}
