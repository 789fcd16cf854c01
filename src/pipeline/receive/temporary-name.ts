// Names under which things are made before they get their own, in directories without a staging
// place (backups, basis links).

import type { ByteString } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";

const nameBytesMax = 255;
const suffix = ".making";

/** Returns a name for making `name` beside it: hidden, and no longer than names may be. */
export function temporaryName(name: ByteString): ByteString {
  return `.${name.slice(0, nameBytesMax - 1 - suffix.length)}${suffix}`;
}

/** Removes a name, if it is there. */
export function unlinkIfThere(fs: FileSystem, dir: DirHandle, name: ByteString): void {
  try {
    fs.unlink(dir, name);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT") throw error;
  }
}
