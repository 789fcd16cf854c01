// Where the basis directories lie: relative ones are below the target, wherever their "../" leads.

import { type ByteString, joinPath, parentPath } from "../base/index.ts";
import { type FileSystem, FsError } from "../fs/index.ts";
import type { Options } from "../options/index.ts";

/** Returns the paths of the basis directories, absolute where the target's is. */
export function basisRoots(
  options: Options,
  target: ByteString,
  targetExists: boolean,
): readonly ByteString[] {
  return options.basisDirs.dirs.map((written) => {
    const dir = written.length > 1 ? written.replace(/\/$/, "") : written;
    if (dir.startsWith("/")) return dir;
    // A dry run that would make the target cannot go up from it.
    if (!targetExists && dir.startsWith("../")) return joinPath(parentPath(target), dir.slice(3));
    return `${target}/${dir}`;
  });
}

/** Returns rsync's warnings about basis directories that are none. */
export function basisWarnings(
  fs: FileSystem,
  options: Options,
  roots: readonly ByteString[],
): ByteString[] {
  const warnings: ByteString[] = [];
  for (const root of roots) {
    try {
      fs.closeDirectory(fs.openRoot(root));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      const what = error.code === "ENOTDIR" ? "is not a dir" : "does not exist";
      warnings.push(`--${options.basisDirs.kind}-dest arg ${what}: ${root}`);
    }
  }
  return warnings;
}
