// Whether two files on this machine have the same content. Their bytes are compared, nothing is hashed, and the
// first difference ends it.

import {
  closeRead,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
} from "../../fs/index.ts";
import type { ContentSource } from "../../pipeline/index.ts";
import type { Directory } from "../../tree/index.ts";
import { digestOpenFile } from "./file-digest.ts";
import type { LaneCore } from "./lane-core.ts";

const pieceBytes = 256 * 1024;
const firstBytes = 4096;
const sourceBytes = Buffer.allocUnsafeSlow(pieceBytes);
const targetBytes = Buffer.allocUnsafeSlow(pieceBytes);

/**
 * Says whether a file in `dir` has the content of entry `i` of the lane's source, which it has in name and size. One that
 * cannot be read counts as different: whoever transfers it will report why.
 */
export function hasEqualContent(
  lane: LaneCore,
  i: number,
  dir: DirHandle,
  content: ContentSource,
): boolean {
  const { source } = lane;
  if (lane.arrivals !== undefined) return hasListedDigest(lane, i, dir);
  const size = source.size[i] as number;
  return compareParts(lane, { listing: source, i, dir, content }, 0, size, () => true);
}

/** The two files of an entry. */
export interface Compared {
  readonly listing: Directory;
  readonly i: number;
  /** Where the target's is. */
  readonly dir: DirHandle;
  readonly content: ContentSource;
}

/** Compares bytes `start` to `end`; `isValid` has the last word while the source is open. */
export function compareParts(
  lane: LaneCore,
  { listing, i, dir, content }: Compared,
  start: number,
  end: number,
  isValid: (source: FileHandle) => boolean,
): boolean {
  const { fs } = lane;
  const name = listing.name(i);
  let from: FileHandle | undefined;
  let to: FileHandle | undefined;
  try {
    from = content.open({ listing, index: i, name });
    to = fs.openRead(dir, name);
    return equalContents({ lane, sourceFs: content.fs, from, to }, start, end) && isValid(from);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  } finally {
    if (from !== undefined) closeRead(fs, from);
    if (to !== undefined) closeRead(fs, to);
  }
}

/** Two open files. */
export interface OpenFiles {
  readonly lane: LaneCore;
  /** The door to the first one; the other is the target's. */
  readonly sourceFs: FileSystem;
  readonly from: FileHandle;
  readonly to: FileHandle;
}

/** Compares bytes `start` to `end`. Throws FsError. */
export function equalContents(
  { lane, sourceFs, from, to }: OpenFiles,
  start: number,
  end: number,
): boolean {
  const { fs } = lane;
  let position = start;
  // The first look is a short one: what is not the same mostly differs there.
  for (let length = firstBytes; position < end; length = pieceBytes) {
    lane.checkCancelled();
    const wanted = Math.min(length, end - position);
    const a = sourceFs.read(from, sourceBytes, 0, wanted, position);
    const b = fs.read(to, targetBytes, 0, wanted, position);
    if (a !== b || a === 0) return false;
    if (sourceBytes.compare(targetBytes, 0, b, 0, a) !== 0) return false;
    position += a;
  }
  return true;
}

/** The same where the source is on another machine: its listing has digests, and none of a file that cannot be read. */
function hasListedDigest(
  { fs, source, listedDigests, settings }: LaneCore,
  i: number,
  dir: DirHandle,
): boolean {
  const wanted = listedDigests.get(i);
  if (wanted === undefined) return false;
  try {
    const file = fs.openRead(dir, source.name(i));
    try {
      const own = digestOpenFile(fs, file, settings.farSums?.listName ?? "blake3");
      // rsync's checksums are shorter than the place for digests.
      return Buffer.compare(own, wanted.subarray(0, own.length)) === 0;
    } finally {
      closeRead(fs, file);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}
