// Paths of a confined door: as text they never climb above the root, and links on them are followed
// here, so that what is opened in the end is a path without links.

import { type ByteString, baseName, errno, joinPath, parentPath } from "../../base/index.ts";
import { isSymlink } from "../../tree/index.ts";
import { type DirHandle, type FileSystem, Stat } from "../file-system.ts";
import { FsError } from "../fs-error.ts";

/** As the kernel counts them (path_resolution(7)). */
const linksMax = 40;

/** Returns the path below the root that somebody means, "" for the root: ".." leads nowhere from there, as in a chroot. */
export function cleanPath(written: ByteString): ByteString {
  const components: ByteString[] = [];
  for (const component of written.split("/")) {
    if (component === "..") components.pop();
    else if (component !== "" && component !== ".") components.push(component);
  }
  return components.join("/");
}

/**
 * Returns the path without links that a clean path leads to. Throws FsError: EXDEV for links that lead out of the root,
 * or are absolute and mean nothing in it; a last component that does not exist stays.
 */
export function followLinks(fs: FileSystem, root: DirHandle, path: ByteString): ByteString {
  const stat = new Stat();
  const todo = path.split("/").reverse();
  let done = "";
  let links = 0;
  for (;;) {
    const name = todo.pop();
    if (name === undefined) return done;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (done === "") throw new FsError(errno.EXDEV, "open", path);
      done = parentPath(done);
      continue;
    }
    const target = linkTarget(fs, root, joinPath(done, name), stat);
    if (target === undefined) done = joinPath(done, name);
    else {
      if (target.startsWith("/")) throw new FsError(errno.EXDEV, "open", path);
      if (++links > linksMax) throw new FsError(errno.ELOOP, "open", path);
      todo.push(...target.split("/").reverse());
    }
  }
}

function linkTarget(
  fs: FileSystem,
  root: DirHandle,
  path: ByteString,
  stat: Stat,
): ByteString | undefined {
  const dir = fs.openDirectory(root, parentPath(path), "none");
  try {
    const isLink = fs.stat(dir, baseName(path), stat) && isSymlink(stat.mode);
    return isLink ? fs.readLink(dir, baseName(path)) : undefined;
  } finally {
    fs.closeDirectory(dir);
  }
}
