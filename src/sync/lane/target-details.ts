// Reads what the comparison of symlinks and extended attributes needs of the target's entries.

import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { type XattrWishes, xattrsOf } from "../../pipeline/index.ts";
import { type Directory, typeMask, typeSymlink } from "../../tree/index.ts";

/** Reads the targets of the symlinks of a target listing; one that cannot be read counts as different. */
export function readTargetLinks(fs: FileSystem, dir: DirHandle, target: Directory): void {
  if (!target.mayHave(typeSymlink)) return;
  for (let t = 0; t < target.count; t++) {
    if (((target.mode[t] as number) & typeMask) !== typeSymlink) continue;
    ignoring(() => target.setLinkTarget(t, fs.readLink(dir, target.name(t))));
  }
}

/** Reads the wanted extended attributes; what cannot be read counts as absent. */
export function readTargetXattrs(
  fs: FileSystem,
  dir: DirHandle,
  target: Directory,
  wanted: XattrWishes,
): void {
  if (!fs.abilities.xattrs) return;
  for (let t = 0; t < target.count; t++) {
    if (target.mode[t] === 0) continue;
    ignoring(() => {
      const found = xattrsOf(fs, dir, target.name(t), wanted, target.mode[t]);
      if (found.length > 0) target.setXattrs(t, found);
    });
  }
}

function ignoring(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}
