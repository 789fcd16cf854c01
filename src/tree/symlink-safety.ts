// Which symlinks leave the tree they stand in (rsync(1), SYMBOLIC LINKS).

import type { ByteString } from "../base/index.ts";

/**
 * Says whether a symlink at `path` (relative to the transfer root) that points at `target` leads,
 * or may lead, out of the transfer: an absolute or empty target, more ".." than directories
 * above the link, a ".." after another component (which could undo a link met there), or at the end.
 */
export function isUnsafeSymlink(target: ByteString, path: ByteString): boolean {
  if (target === "" || target.startsWith("/")) return true;
  if (target.length > 3 && target.endsWith("/..")) return true;
  let depth = 0;
  for (const component of path.split("/").slice(0, -1)) {
    if (component === "" || component === ".") continue;
    depth = component === ".." ? 0 : depth + 1;
  }
  let named = false;
  for (const component of target.split("/")) {
    if (component === "") continue;
    if (component !== "..") {
      named = true;
      if (component !== ".") depth++;
      continue;
    }
    if (named) return true;
    depth--;
    if (depth < 0) return true;
  }
  return false;
}

/** The prefix that makes a symlink unusable while it is stored (--munge-links). */
export const mungePrefix = "/rsyncd-munged/";
