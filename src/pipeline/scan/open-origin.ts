// Opens source directories, with the one difference that the operator's word makes: a link on the
// part of a path that the operator wrote is followed, as `ls` would; one that the walk met is not.

import { type DirHandle, type Follow, FsError } from "../../fs/index.ts";
import type { Origin, SourceRoot } from "./request.ts";

/** What opening says where no directory is, but nothing, or something else here or on the way, such as a link. */
const otherThings: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** Says whether the error only says that an origin that need not exist does not: another one brings the directory. */
export function isDispensable({ optional = false }: Origin, { code }: FsError): boolean {
  return optional && otherThings.has(code);
}

/** Opens the directory of an origin. Throws FsError. */
export function openOrigin(root: SourceRoot, origin: Origin, follow: Follow): DirHandle {
  const { fs, dir } = root;
  const { path, named } = origin;
  if (named === 0 || follow === "anywhere") return fs.openDirectory(dir, path, follow);
  try {
    return fs.openDirectory(dir, path, follow);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code !== "ELOOP" && error.code !== "ENOTDIR") throw error;
  }
  const start = fs.openDirectory(dir, path.slice(0, named), "anywhere");
  try {
    return fs.openDirectory(start, path.slice(named + 1), follow);
  } finally {
    fs.closeDirectory(start);
  }
}
