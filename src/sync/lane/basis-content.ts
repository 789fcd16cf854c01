// A basis directory's file in the place of the source's: the receiver copies it as it copies any
// content of this machine.

import {
  closeRead,
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
  Stat,
} from "../../fs/index.ts";
import type { ContentSource, SourceEntry } from "../../pipeline/index.ts";
import { isRegular } from "../../tree/index.ts";

const stat = new Stat();

/** Returns a content door for one entry, or undefined when the file is no longer what was looked up. */
export function basisContent(
  fs: FileSystem,
  dir: DirHandle,
  entry: SourceEntry,
): ContentSource | undefined {
  const { listing, index, name } = entry;
  const size = listing.size[index] as number;
  const isLike = (file: FileHandle): boolean => {
    fs.statFile(file, stat);
    return isRegular(stat.mode) && stat.size === size;
  };
  try {
    const file = fs.openRead(dir, name);
    try {
      if (!isLike(file)) return undefined;
    } finally {
      closeRead(fs, file);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
  return {
    fs,
    open: () => fs.openRead(dir, name),
    isUnchanged: (file) => isLike(file),
    refresh: () => true,
  };
}
