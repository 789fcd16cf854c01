// Where backups go: the entry's own directory, or its likeness below the backup directory, made on
// demand with the attributes of the directory it stands for. The backup directory is a pinned root
// of its own (promise P4): a symlink below it is replaced, never followed.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { isDirectory, mayGiveGroup, permissionMask, setGroupId } from "../../tree/index.ts";
import type { ReceiveOptions } from "./context.ts";
import type { XattrReader } from "./copy-entry.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();
const keepId = 0xffffffff;

/** Where one backup goes. */
export interface BackupPlace {
  readonly dir: DirHandle;
  readonly name: ByteString;
}

/** What the directories are made with. */
export interface BackupDirectoriesSettings {
  readonly fs: FileSystem;
  readonly options: ReceiveOptions;
  /** Opens the backup directory, making it if need be; undefined = backups stand beside their originals. */
  readonly openRoot: (() => DirHandle) | undefined;
  /** What messages put before a backup's path. */
  readonly label: ByteString;
  /** Opens a directory of the target. */
  readonly openTarget: (path: ByteString) => DirHandle;
  readonly xattrsOf: XattrReader;
  /** Removes an entry that is in the way, a directory with all it holds; throws FsError or leaves it. */
  readonly clear: (place: TargetPlace, name: ByteString, mode: number) => void;
}

/** Opens and makes directories for backups. Remembers the last one. */
export class BackupDirectories {
  readonly #settings: BackupDirectoriesSettings;
  #root: DirHandle | undefined;
  #last: { readonly path: ByteString; readonly dir: DirHandle } | undefined;

  constructor(settings: BackupDirectoriesSettings) {
    this.#settings = settings;
  }

  /** Backups stand beside their originals. */
  get beside(): boolean {
    return this.#settings.openRoot === undefined;
  }

  /** What messages put before a backup's path. */
  get label(): ByteString {
    return this.#settings.label;
  }

  /** Reads what a copy takes along. */
  get xattrsOf(): XattrReader {
    return this.#settings.xattrsOf;
  }

  /** Returns the directory for backups of entries of `place`; it stays this object's. Throws FsError. */
  open(place: TargetPlace): DirHandle {
    const { openRoot } = this.#settings;
    if (openRoot === undefined) return place.dir;
    if (this.#last?.path === place.path) return this.#last.dir;
    this.#forget();
    this.#root ??= openRoot();
    const dir = this.#openBelow(this.#root, place.path);
    this.#last = { path: place.path, dir };
    return dir;
  }

  /** Removes what is in the way of a backup. */
  clear(place: TargetPlace, name: ByteString, mode: number): void {
    this.#settings.clear(place, name, mode);
  }

  /** Closes what it pinned. */
  close(): void {
    this.#forget();
    if (this.#root !== undefined) this.#settings.fs.closeDirectory(this.#root);
    this.#root = undefined;
  }

  #forget(): void {
    if (this.#last !== undefined) this.#settings.fs.closeDirectory(this.#last.dir);
    this.#last = undefined;
  }

  #openBelow(root: DirHandle, path: ByteString): DirHandle {
    const { fs } = this.#settings;
    try {
      return fs.openDirectory(root, path);
    } catch (error) {
      if (!(error instanceof FsError) || !notYetThere.has(error.code)) throw error;
    }
    let dir = fs.openDirectory(root, "");
    let done = "";
    for (const name of path.split("/")) {
      const below = joinPath(done, name);
      try {
        const next = this.#openOrMake({ dir, path: this.label + done }, name, below);
        fs.closeDirectory(dir);
        dir = next;
      } catch (error) {
        fs.closeDirectory(dir);
        throw error;
      }
      done = below;
    }
    return dir;
  }

  #openOrMake(parent: TargetPlace, name: ByteString, path: ByteString): DirHandle {
    const { fs, clear } = this.#settings;
    if (fs.stat(parent.dir, name, stat)) {
      if (isDirectory(stat.mode)) return fs.openDirectory(parent.dir, name);
      clear(parent, name, stat.mode);
    }
    try {
      fs.makeDirectory(parent.dir, name, 0o700);
    } catch (error) {
      // Another lane was faster; it sets the attributes.
      if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
      return fs.openDirectory(parent.dir, name);
    }
    const made = fs.openDirectory(parent.dir, name);
    try {
      this.#takeAttributes(parent.dir, name, made, path);
    } catch (error) {
      fs.closeDirectory(made);
      throw error;
    }
    return made;
  }

  /** Gives a new directory the owner, group and mode of the target's directory `path`. */
  #takeAttributes(parent: DirHandle, name: ByteString, made: DirHandle, path: ByteString): void {
    const { fs, options, openTarget, xattrsOf } = this.#settings;
    const original = openTarget(path);
    try {
      const { attributes, superUser } = options;
      fs.statDirectory(made, stat);
      const inherited = attributes.mode ? 0 : stat.mode & setGroupId;
      fs.statDirectory(original, stat);
      const uid = attributes.owner ? stat.uid : keepId;
      const gid = mayGiveGroup(attributes, stat.gid) ? stat.gid : keepId;
      if (uid !== keepId || gid !== keepId) fs.setDirectoryOwner(made, uid, gid);
      // Who is not root could not put backups into a directory without these.
      fs.setDirectoryMode(made, (stat.mode & permissionMask) | inherited | (superUser ? 0 : 0o700));
      for (const xattr of xattrsOf?.(original, "") ?? []) {
        fs.setXattr(parent, name, xattr.name, xattr.value);
      }
    } finally {
      fs.closeDirectory(original);
    }
  }
}

const notYetThere = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);
