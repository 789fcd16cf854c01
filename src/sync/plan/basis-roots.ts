// Where the basis directories lie: relative ones are below the target, wherever their "../" leads.

import { type ByteString, joinPath, parentPath } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { Endpoints } from "./run-ends.ts";

/** Returns the absolute paths of the basis directories. */
export function basisRoots(
  options: Options,
  ends: Pick<Endpoints, "target" | "targetExists">,
  workingDirectory: ByteString,
): readonly ByteString[] {
  return namedRoots(options.basisDirs.dirs, ends, workingDirectory);
}

/** Returns the absolute paths of directories that the user named for the target's end to look in. */
export function namedRoots(
  dirs: readonly ByteString[],
  { target, targetExists }: Pick<Endpoints, "target" | "targetExists">,
  workingDirectory: ByteString,
): readonly ByteString[] {
  const path = target === undefined || target.path === "." ? "" : target.path;
  const top = path.startsWith("/") ? path : joinPath(workingDirectory, path).replace(/\/$/, "");
  return dirs.map((written) => {
    const dir = written.length > 1 ? written.replace(/\/$/, "") : written;
    if (dir.startsWith("/")) return dir;
    // A dry run that would make the target cannot go up from it.
    if (!targetExists && dir.startsWith("../")) return joinPath(parentPath(top), dir.slice(3));
    return `${top}/${dir}`;
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
      fs.closeDirectory(fs.openRoot(root, "bounded"));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      warnings.push(`--${options.basisDirs.kind}-dest arg ${whatIsWrong(error)}: ${root}`);
    }
  }
  return warnings;
}

function whatIsWrong({ code, reason }: FsError): string {
  if (code === "ENOTDIR") return "is not a dir";
  return code === "ELOOP" ? `is not used (${reason})` : "does not exist";
}
