// Permissions of new entries where the source's are not kept: what the umask leaves, or what the
// default access control list of their directory says.

import type { DirHandle, FileSystem } from "../../fs/index.ts";
import { type DiffOptions, readDefaultAcl } from "../../pipeline/index.ts";
import { aclMode } from "../../tree/index.ts";

/** Returns diff's options for entries of one target directory; undefined = it is not there. */
export function diffOptionsIn(
  options: DiffOptions,
  fs: FileSystem,
  dir: DirHandle | undefined,
): DiffOptions {
  if (options.attributes.mode || dir === undefined) return options;
  const defaults = readDefaultAcl(fs, dir);
  return defaults === undefined ? options : { ...options, newModeMask: aclMode(defaults) };
}

/** Returns the permissions to make a directory of the run's own with, such as a missing target. */
export function newDirectoryMode(fs: FileSystem, parent: DirHandle, umask: number): number {
  // With a default list the kernel leaves the umask out, which our own process never has.
  return readDefaultAcl(fs, parent) === undefined ? 0o777 & ~umask : 0o777;
}
