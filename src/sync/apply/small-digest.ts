// The digest of a small file that a listing has, read by the door in one go together with the look at whether it
// is still what was listed: most files of an update, whose content is what it was.

import { type DirHandle, type FileSystem, pickMark } from "../../fs/index.ts";
import { digestOf } from "../../hash/index.ts";
import type { Directory } from "../../tree/index.ts";

/** Larger files are read in pieces. */
export const smallBytesMax = 256 * 1024;

let bytes: Uint8Array | undefined;
let marks = new Uint8Array(256);

/** Returns BLAKE3 of entry `row` of the directory's listing; undefined = it has to be looked at in another way. */
export function digestSmall(
  fs: FileSystem,
  dir: DirHandle,
  listing: Directory,
  row: number,
): Uint8Array | undefined {
  const size = listing.size[row] as number;
  if (fs.readFiles === undefined || size > smallBytesMax) return undefined;
  bytes ??= Buffer.allocUnsafeSlow(smallBytesMax);
  if (marks.length <= row) marks = new Uint8Array(2 * row);
  marks[row] = pickMark.wanted;
  fs.readFiles(dir, listing, row, row + 1, marks, bytes, 0);
  return marks[row] === pickMark.done ? digestOf("blake3", bytes, 0, size) : undefined;
}
