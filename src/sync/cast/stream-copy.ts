// A target's copy of a stream while it comes. It lies in DEST/.manifold/partial and outlives whoever writes it, so that
// the next cast goes on from there (decision 97); where nothing can lie there it is a file without a name.

import { type ByteString, errno, plainRandom, systemRandom } from "../../base/index.ts";
import {
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
  openScratchFile,
  Stat,
} from "../../fs/index.ts";
import { stateDirectory } from "../../tree/index.ts";
import { inRoot } from "../plan/in-root.ts";
import { namesIn } from "../state/job-folders.ts";
import { formatOwner, isGone, ownRecord, parseOwner } from "../state/owner-record.ts";
import {
  keepTimes,
  makeIfMissing,
  openIfThere,
  openState,
  partialDirectory,
  removeIfEmpty,
} from "../state/state-directory.ts";
import { stretchBytes } from "./stream-sums.ts";

/** Copies are named so, with their writer's record behind it while there is one. */
const prefix = "stream.";
const leftName = `${prefix}left`;
const place = `${stateDirectory}/${partialDirectory}`;

/** A file that blocks are written to. */
export interface StreamCopy {
  readonly descriptor: number;
  write(bytes: Uint8Array, position: number): void;
  /** Fills `into` with the bytes at `position`, which were written. */
  read(into: Uint8Array, position: number): void;
  /** Cuts it off at this length. */
  truncate(length: number): void;
  /** What is in it is needed by nobody but those who have it open. */
  forget(): void;
  /** Closes it; unless it was forgotten the next cast may go on from it. */
  close(): void;
}

/** A copy that has a name. */
export class NamedCopy implements StreamCopy {
  readonly descriptor: number;
  readonly #fs: FileSystem;
  readonly #path: ByteString;
  readonly #name: ByteString;
  #isForgotten = false;

  private constructor(fs: FileSystem, path: ByteString, name: ByteString, file: FileHandle) {
    this.#fs = fs;
    this.#path = path;
    this.#name = name;
    this.descriptor = file;
  }

  /** Takes over what a cast left that is certainly over; undefined = there is nothing. */
  static adopt(fs: FileSystem, path: ByteString): NamedCopy | undefined {
    const own = ownRecord(fs, plainRandom);
    const name = prefix + formatOwner(own);
    let file: FileHandle | undefined;
    inRoot(fs, path, (root) => {
      const dir = openIfThere(fs, root, place);
      if (dir === undefined) return;
      try {
        for (const each of namesIn(fs, dir)) {
          const owner = parseOwner(each.slice(prefix.length));
          const isFree = each === leftName || (owner !== undefined && isGone(fs, owner, own));
          if (!each.startsWith(prefix) || !isFree) continue;
          if (file === undefined) {
            fs.rename(dir, each, dir, name);
            file = fs.openWrite(dir, name);
          } else fs.unlink(dir, each);
        }
      } finally {
        fs.closeDirectory(dir);
      }
    });
    return file === undefined ? undefined : new NamedCopy(fs, path, name, file);
  }

  /** Makes one. Throws FsError. */
  static make(fs: FileSystem, path: ByteString): NamedCopy {
    const name = prefix + formatOwner(ownRecord(fs, plainRandom));
    let file: FileHandle | undefined;
    const failed = inRoot(fs, path, (root) =>
      keepingTimes(fs, root, () => {
        const state = openState(fs, root, true);
        let dir: DirHandle | undefined;
        try {
          makeIfMissing(fs, state, partialDirectory);
          dir = fs.openDirectory(state, partialDirectory);
          file = fs.createFile(dir, name, 0o600);
        } finally {
          for (const each of [state, dir]) if (each !== undefined) fs.closeDirectory(each);
        }
      }),
    );
    if (file === undefined) throw failed ?? new FsError(errno.EIO, "open", name);
    return new NamedCopy(fs, path, name, file);
  }

  /** Bytes in it. */
  get length(): number {
    const stat = new Stat();
    this.#fs.statFile(this.descriptor, stat);
    return stat.size;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#fs.write(this.descriptor, bytes, 0, bytes.length, position);
  }

  read(into: Uint8Array, position: number): void {
    for (let done = 0; done < into.length; ) {
      const left = into.length - done;
      const length = this.#fs.read(this.descriptor, into, done, left, position + done);
      if (length === 0) throw new FsError(errno.EIO, "read", this.#name);
      done += length;
    }
  }

  /** Flushes it to the disk. */
  sync(): void {
    this.#fs.syncFile(this.descriptor);
  }

  truncate(length: number): void {
    this.#fs.truncate(this.descriptor, length);
  }

  forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#inPlace((dir) => this.#fs.unlink(dir, this.#name));
  }

  close(): void {
    // Less than a stretch is no help to anybody.
    if (!this.#isForgotten && this.length < stretchBytes) this.forget();
    if (!this.#isForgotten) {
      this.#inPlace((dir) => this.#fs.rename(dir, this.#name, dir, leftName));
    }
    this.#fs.closeFile(this.descriptor);
  }

  /** Does something where its name is. Whoever swept the directory meanwhile has done it a favour. */
  #inPlace(act: (dir: DirHandle) => void): void {
    const fs = this.#fs;
    inRoot(fs, this.#path, (root) =>
      keepingTimes(fs, root, () => {
        const state = openIfThere(fs, root, stateDirectory);
        const dir = state && openIfThere(fs, state, partialDirectory);
        try {
          if (dir !== undefined) act(dir);
        } finally {
          if (state !== undefined) removeIfEmpty(fs, state, partialDirectory);
          for (const each of [state, dir]) if (each !== undefined) fs.closeDirectory(each);
          removeIfEmpty(fs, root, stateDirectory);
        }
      }),
    );
  }
}

/** The target's own times stay what they are: they are a part of what it says that it has. */
function keepingTimes(fs: FileSystem, root: DirHandle, act: () => void): void {
  const was = new Stat();
  fs.statDirectory(root, was);
  try {
    act();
  } finally {
    keepTimes(fs, root, was);
  }
}

/** Makes a copy that is gone when its writer is. Throws FsError. */
export function namelessCopy(): StreamCopy {
  const file = openScratchFile(systemRandom.uint32());
  return { ...file, forget: () => undefined };
}
