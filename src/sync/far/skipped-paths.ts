// Directories that nobody looks into, nor into anything below them.

import { type ByteString, parentPath } from "../../base/index.ts";

/** Such directories. */
export class SkippedPaths {
  readonly #paths = new Set<ByteString>();

  add(path: ByteString): void {
    this.#paths.add(path);
  }

  /** Says whether a directory is one of them, or below one. */
  has(path: ByteString): boolean {
    if (this.#paths.size === 0) return false;
    for (let at = path; at !== ""; at = parentPath(at)) if (this.#paths.has(at)) return true;
    return false;
  }
}
