// The trees of --rename-from: pinned roots of their own (promise P4), which are only read.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileSystem } from "../../fs/index.ts";

/** Such trees of one lane. */
export class RenameRoots {
  readonly #fs: FileSystem;
  readonly #paths: readonly ByteString[];
  readonly #roots = new Map<number, DirHandle>();

  constructor(fs: FileSystem, paths: readonly ByteString[]) {
    this.#fs = fs;
    this.#paths = paths;
  }

  /** Returns tree `index`, pinned when it is first asked for; not to be closed. Throws FsError. */
  open(index: number): DirHandle {
    let root = this.#roots.get(index);
    if (root === undefined) {
      root = this.#fs.openRoot(this.#paths[index] as ByteString);
      this.#roots.set(index, root);
    }
    return root;
  }

  close(): void {
    for (const root of this.#roots.values()) this.#fs.closeDirectory(root);
  }
}
