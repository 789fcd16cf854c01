// The digest of a file's content.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileHandle, FileSystem } from "../../fs/index.ts";
import { createDigest, type DigestName } from "../../hash/index.ts";

const pieceBytes = 256 * 1024;
const piece = new Uint8Array(pieceBytes);

/** Reads the file `name` and returns its digest. Throws FsError. */
export function digestFile(
  fs: FileSystem,
  dir: DirHandle,
  name: ByteString,
  digest: DigestName,
): Uint8Array {
  const file = fs.openRead(dir, name);
  try {
    return digestOpenFile(fs, file, digest);
  } finally {
    fs.closeFile(file);
  }
}

/** The same of an open file, from its start on. */
export function digestOpenFile(fs: FileSystem, file: FileHandle, name: DigestName): Uint8Array {
  const digest = createDigest(name);
  for (let position = 0; ; ) {
    const length = fs.read(file, piece, 0, pieceBytes, position);
    if (length === 0) return digest.digest();
    digest.update(piece, 0, length);
    position += length;
  }
}
