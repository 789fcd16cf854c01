// Digests of files of the target that another machine asks for because one that is wanted may be the same.

import { type ByteString, baseName, fromBytes, parentPath } from "../../base/index.ts";
import { type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { isRegular } from "../../tree/index.ts";
import { digestFile } from "../lane/file-digest.ts";
import { digestBytes } from "./listed-digests.ts";
import { changesetDigest } from "./stage-output.ts";
import type { Steps } from "./steps.ts";

const noDigest = new Uint8Array(digestBytes);
/** Bytes of a path; what is longer names nothing. */
const pathBytesMax = 4096;
/** Digests that go together. */
const togetherMax = 2048;
const stat = new Stat();

/** Gives the digests of files below the target, whose paths stand in the pieces, each with a NUL behind it. */
export function* tellDigests(
  fs: FileSystem,
  target: ByteString,
  pieces: Iterable<Uint8Array>,
  sink: (digests: Uint8Array) => void,
): Steps {
  const root = fs.openRoot(target);
  const together = new Uint8Array(togetherMax * digestBytes);
  let length = 0;
  try {
    let rest = "";
    for (const piece of pieces) {
      const paths = (rest + fromBytes(piece)).split("\0");
      rest = (paths.pop() as ByteString).slice(0, pathBytesMax);
      for (const path of paths) {
        together.set(digestBelow(fs, root, path) ?? noDigest, length);
        length += digestBytes;
        if (length === together.length) {
          sink(together);
          length = 0;
        }
        yield;
      }
    }
    if (length > 0) sink(together.subarray(0, length));
  } finally {
    fs.closeDirectory(root);
  }
}

/** Undefined = it is no regular file that can be read. */
function digestBelow(fs: FileSystem, root: number, path: ByteString): Uint8Array | undefined {
  try {
    const dir = fs.openDirectory(root, parentPath(path));
    try {
      if (!fs.stat(dir, baseName(path), stat) || !isRegular(stat.mode)) return undefined;
      return digestFile(fs, dir, baseName(path), changesetDigest());
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}
