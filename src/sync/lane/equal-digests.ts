// Whether two files have the same content, with the digests that are known of them: where both are, nothing is read;
// where one is, only the other file; where none is, both are compared, and one digest is taken for both. What was read
// is remembered.

import { type RootDigests, stateOfRow } from "../../cache/index.ts";
import { closeRead, type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import { isUnchanged } from "../../pipeline/index.ts";
import type { Directory } from "../../tree/index.ts";

const pieceBytes = 256 * 1024;
const pieceOne = Buffer.allocUnsafeSlow(pieceBytes);
const pieceOther = Buffer.allocUnsafeSlow(pieceBytes);

/** One of two files. */
export interface DigestSide {
  readonly fs: FileSystem;
  /** Its row. */
  readonly listing: Directory;
  readonly i: number;
  /** Where its digest is kept; undefined = nowhere. */
  readonly digests: RootDigests | undefined;
  /** Its digest, where it is known; undefined = it has to be read. */
  readonly known: Uint8Array | undefined;
  /** Opens it. Throws FsError. */
  readonly open: () => FileHandle;
}

/** Returns row `i` of a listing as a side, with what is known of it. */
export function sideOf(
  fs: FileSystem,
  listing: Directory,
  i: number,
  digests: RootDigests | undefined,
  open: () => FileHandle,
): DigestSide {
  return { fs, listing, i, digests, known: digests?.lookup(stateOfRow(listing, i)), open };
}

/** Says whether two files of the same size have the same content; one that cannot be read has not. `check` throws when the run is to stop. */
export function haveEqualDigests(one: DigestSide, other: DigestSide, check: () => void): boolean {
  if (one.known !== undefined && other.known !== undefined) return equal(one.known, other.known);
  const files: FileHandle[] = [];
  const open = (side: DigestSide): FileHandle => {
    const file = side.open();
    files.push(file);
    return file;
  };
  try {
    if (other.known !== undefined) return isDigestOf(one, open(one), other.known, check);
    if (one.known !== undefined) return isDigestOf(other, open(other), one.known, check);
    return compareAndDigest(one, open(one), other, open(other), check);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  } finally {
    const [first, second] = files;
    if (first !== undefined) closeRead(one.known === undefined ? one.fs : other.fs, first);
    if (second !== undefined) closeRead(other.fs, second);
  }
}

/** Returns the digest that is known of a file, or reads it. Throws FsError. */
export function digestOfFile(side: Omit<DigestSide, "known">, check: () => void): Uint8Array {
  const known = side.digests?.lookup(stateOfRow(side.listing, side.i));
  if (known !== undefined) return known;
  const file = side.open();
  try {
    return digestOfSide(side, file, check);
  } finally {
    closeRead(side.fs, file);
  }
}

/** Digests an open file, and remembers that if the file is still what is listed. */
function digestOfSide(
  side: Omit<DigestSide, "open" | "known">,
  file: FileHandle,
  check: () => void,
): Uint8Array {
  const digest = createDigest("blake3");
  for (let position = 0; ; ) {
    check();
    const length = side.fs.read(file, pieceOne, 0, pieceBytes, position);
    if (length === 0) break;
    digest.update(pieceOne, 0, length);
    position += length;
  }
  const taken = digest.digest();
  rememberRead(side, file, taken);
  return taken;
}

function isDigestOf(
  side: DigestSide,
  file: FileHandle,
  wanted: Uint8Array,
  check: () => void,
): boolean {
  return equal(digestOfSide(side, file, check), wanted);
}

function compareAndDigest(
  one: DigestSide,
  fileOne: FileHandle,
  other: DigestSide,
  fileOther: FileHandle,
  check: () => void,
): boolean {
  const digest = createDigest("blake3");
  const size = one.listing.size[one.i] as number;
  for (let position = 0; position < size; ) {
    check();
    const wanted = Math.min(pieceBytes, size - position);
    const a = one.fs.read(fileOne, pieceOne, 0, wanted, position);
    const b = other.fs.read(fileOther, pieceOther, 0, wanted, position);
    if (a !== b || a === 0 || pieceOne.compare(pieceOther, 0, b, 0, a) !== 0) return false;
    digest.update(pieceOne, 0, a);
    position += a;
  }
  const taken = digest.digest();
  rememberRead(one, fileOne, taken);
  rememberRead(other, fileOther, taken);
  return true;
}

function rememberRead(
  { fs, listing, i, digests }: Omit<DigestSide, "open" | "known">,
  file: FileHandle,
  digest: Uint8Array,
): void {
  if (digests?.remembers !== true || !isUnchanged(fs, file, listing, i)) return;
  digests.remember(stateOfRow(listing, i), digest, { fs, file });
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
