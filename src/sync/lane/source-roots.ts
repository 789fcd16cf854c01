// A lane's source roots. A command line can name entries of thousands of directories, so a root is
// pinned when it is needed and only some stay pinned.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileSystem } from "../../fs/index.ts";
import type { SourceRoot } from "../../pipeline/index.ts";
import type { RootSetting } from "../plan/lane-settings.ts";

/** Roots of one lane that are pinned at the same time. */
const pinnedMax = 64;

/** Pins source roots on demand. */
export class SourceRoots {
  /** The roots by index. The handle that `dir` gives is good until many other roots have been asked for theirs. */
  readonly list: readonly SourceRoot[];
  readonly #fs: FileSystem;
  /** Handles by path, the one that was used last at the end. */
  readonly #pinned = new Map<ByteString, DirHandle>();

  constructor(fs: FileSystem, settings: readonly RootSetting[]) {
    this.#fs = fs;
    this.list = settings.map((setting) => new PinnedRoot(fs, setting, (path) => this.#pin(path)));
  }

  /** Lets all of them go. */
  close(): void {
    for (const handle of this.#pinned.values()) this.#fs.closeDirectory(handle);
    this.#pinned.clear();
  }

  #pin(path: ByteString): DirHandle {
    const pinned = this.#pinned;
    const known = pinned.get(path);
    if (known !== undefined) {
      if (pinned.size === 1) return known;
      pinned.delete(path);
      pinned.set(path, known);
      return known;
    }
    if (pinned.size >= pinnedMax) {
      const [oldest] = pinned;
      if (oldest !== undefined) {
        this.#fs.closeDirectory(oldest[1]);
        pinned.delete(oldest[0]);
      }
    }
    const handle = this.#fs.openRoot(path, "anywhere");
    pinned.set(path, handle);
    return handle;
  }
}

class PinnedRoot implements SourceRoot {
  readonly fs: FileSystem;
  readonly label: ByteString;
  readonly #path: ByteString;
  readonly #pin: (path: ByteString) => DirHandle;

  constructor(fs: FileSystem, setting: RootSetting, pin: (path: ByteString) => DirHandle) {
    this.fs = fs;
    this.label = setting.label;
    this.#path = setting.path;
    this.#pin = pin;
  }

  /** Throws FsError when it is gone. */
  get dir(): DirHandle {
    return this.#pin(this.#path);
  }
}
