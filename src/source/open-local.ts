// A place on this machine as a source: a folder, or a file that is a captured changeset.

import { type ByteString, baseName, parentPath } from "../base/index.ts";
import { closeRead, type FileSystem, FsError, Stat } from "../fs/index.ts";
import { isRegular } from "../tree/index.ts";
import { ChangesetSource } from "./changeset/changeset-source.ts";
import { LocalSource } from "./local/local-source.ts";
import type { Source } from "./source.ts";

/** Returns the source that a path means; whether anything is there, and is what it seems, its probe() finds out. */
export function openLocal(place: {
  readonly fs: FileSystem;
  /** As the operator wrote it: symlinks on the way are followed. */
  readonly path: ByteString;
  /** How people call it. */
  readonly label: string;
}): Source {
  const { fs, path, label } = place;
  const name = baseName(path);
  const folder = parentPath(path) || (path.startsWith("/") ? "/" : ".");
  const isNamed = !["", ".", ".."].includes(name);
  return isNamed && isFile(fs, folder, name)
    ? new ChangesetSource({ fs, folder, name, label })
    : new LocalSource(place);
}

function isFile(fs: FileSystem, folder: ByteString, name: ByteString): boolean {
  try {
    const dir = fs.openRoot(folder, "anywhere");
    try {
      const file = fs.openRead(dir, name, { follow: "anywhere" });
      try {
        const stat = new Stat();
        fs.statFile(file, stat);
        return isRegular(stat.mode);
      } finally {
        closeRead(fs, file);
      }
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    // Whoever opens it tells why.
    if (error instanceof FsError) return false;
    throw error;
  }
}
