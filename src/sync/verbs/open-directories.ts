// The directories that a walk in listing order is inside of, and what it must remember of each until
// it leaves: the attributes of its subdirectories, which stand in the parent's listing, and its
// closing record. Depth bounds the memory, and the size of single directories.

import type { ByteString } from "../../base/index.ts";
import { isBelow, OrderedDirectory } from "../../changeset/index.ts";

/** Marks a subdirectory whose contents are left alone. */
export const leftAlone = 255;
/** Marks a subdirectory of the target that something else takes the place of. */
export const makesWay = 254;

/** One directory on the way. */
export class OpenDirectory {
  path: ByteString = "";
  /** Nothing below it is looked at. */
  isLeftAlone = false;
  /** It, or a directory that it is in, makes way for something else. */
  makesWay = false;
  /** Its subdirectories, before and after; kind 0 = unchanged. */
  readonly subdirectories = new OrderedDirectory();
  readonly rows = new Map<ByteString, number>();
  /** Numbers of its closing bodies in the spool. */
  closing: readonly [from: number, to: number] | undefined;

  /** Becomes another directory. */
  reset(path: ByteString): void {
    this.path = path;
    this.isLeftAlone = false;
    this.makesWay = false;
    this.subdirectories.reset(path);
    this.rows.clear();
    this.closing = undefined;
  }
}

/** The stack of directories on the way. */
export class OpenDirectories {
  /** Those in use come first; the others are kept for later. */
  readonly #stack: OpenDirectory[] = [];
  #depth = 0;
  readonly #left: (directory: OpenDirectory) => void;

  /** `left` hears of every directory when everything below it has been seen. */
  constructor(left: (directory: OpenDirectory) => void) {
    this.#left = left;
  }

  /** Leaves what does not lead to `path` and enters it; also returns the directory that it stands in. */
  enter(path: ByteString): {
    readonly entered: OpenDirectory;
    readonly parent: OpenDirectory | undefined;
  } {
    while (
      this.#depth > 0 &&
      !isBelow(path, (this.#stack[this.#depth - 1] as OpenDirectory).path)
    ) {
      this.#leave();
    }
    const parent = this.#stack[this.#depth - 1];
    const entered = this.#stack[this.#depth] ?? new OpenDirectory();
    this.#stack[this.#depth] = entered;
    this.#depth++;
    entered.reset(path);
    return { entered, parent: this.#depth > 1 ? parent : undefined };
  }

  /** Leaves all. */
  leaveAll(): void {
    while (this.#depth > 0) this.#leave();
  }

  #leave(): void {
    this.#depth--;
    this.#left(this.#stack[this.#depth] as OpenDirectory);
  }
}
