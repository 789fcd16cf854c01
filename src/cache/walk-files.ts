// All regular files below a root, one directory at a time, for those who look after a cache.

import { type ByteString, joinPath } from "../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../fs/index.ts";
import { Directory, isDirectory, isRegular } from "../tree/index.ts";

/** A file that was met; valid until the next one. */
export interface MetFile {
  /** Below the root. */
  readonly path: ByteString;
  readonly name: ByteString;
  readonly dir: DirHandle;
  readonly listing: Directory;
  readonly i: number;
}

/** Yields them; what cannot be read is passed over. Throws FsError when the root cannot be opened. */
export function* walkFiles(fs: FileSystem, root: ByteString): Generator<MetFile> {
  const top = fs.openRoot(root, "anywhere");
  try {
    const waiting: ByteString[] = [""];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const dir = attempt(() => fs.openDirectory(top, path));
      if (dir === undefined) continue;
      try {
        const listing = new Directory();
        attempt(() => fs.readNames(dir, listing));
        fs.statEntries(dir, listing, 0, listing.count);
        for (let i = 0; i < listing.count; i++) {
          const name = listing.name(i);
          const mode = listing.mode[i] as number;
          if (isDirectory(mode)) waiting.push(joinPath(path, name));
          if (isRegular(mode)) yield { path: joinPath(path, name), name, dir, listing, i };
        }
      } finally {
        fs.closeDirectory(dir);
      }
    }
  } finally {
    fs.closeDirectory(top);
  }
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}
